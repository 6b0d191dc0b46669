"""What travels between node, queue and workers, as JSON; hostile until it fits these."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.prover_queue.errors import QueueRefusedError

LARGEST_BODY = 64 * 1024 * 1024
"""Of an order: vectors of half a million entries in all."""
LARGEST_PROOF = 1024 * 1024
LONGEST_REASON = 400
LONGEST_WAIT = 20
"""Seconds that an answer may take when there is nothing to tell yet."""
MOST_FAILURES = 3
"""Different workers that fail before a job is given up."""
BAD_REQUEST = 400
_SHOWN_PROBLEMS = 3

JobId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
CircuitName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$")]
TensorName = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
Hex = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{2})*$")]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Reason = Annotated[str, Field(max_length=LONGEST_REASON)]


class _Message(BaseModel):
    # a refusal that quoted what it refuses would quote records
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


Message = TypeVar("Message", bound=_Message)


class Order(_Message):
    """What a node wants proven.

    Attributes
    ----------
    circuit
        Name, such as ``admission-wdbc``.
    manifest_hash
        Of the node's build; a worker whose build has another cannot help.
    seconds
        After these nobody waits any more.
    inputs
        Vectors by tensor name, 32 bytes an entry in hex. Records in the clear.
    """

    format: Literal["zkfl.proof-order.v1"] = "zkfl.proof-order.v1"
    circuit: CircuitName
    manifest_hash: Sha256
    seconds: Seconds
    inputs: dict[TensorName, Hex] = Field(repr=False, min_length=1, max_length=16)


class JobState(_Message):
    """How far a job is.

    Attributes
    ----------
    state
        ``waiting`` and ``proving`` end in ``proven`` or ``failed``.
    proof
        Where it is proven: as the contract takes it.
    reasons
        What workers said who could not prove it.
    """

    state: Literal["waiting", "proving", "proven", "failed"]
    proof: Hex | None = Field(default=None, repr=False)
    reasons: tuple[Reason, ...] = ()


class Task(_Message):
    """An order as a worker gets it.

    Attributes
    ----------
    lease
        Names the worker's hold on the job; worth nothing without the worker's certificate.
    lease_seconds
        The hold ends after so long without a word.
    order
        Its ``seconds`` are those that are left.
    """

    lease: JobId
    lease_seconds: Seconds
    order: Order


class ProofReply(_Message):
    """A worker's proof."""

    proof: Hex = Field(repr=False, max_length=2 * LARGEST_PROOF)


class Refusal(_Message):
    """Why a worker cannot prove something."""

    reason: Reason


class Rejection(_Message):
    """Why a node does not take a proof.

    Attributes
    ----------
    proof
        SHA-256 of its bytes, so that a rejection which is repeated hits no other proof.
    """

    proof: Sha256
    reason: Reason


class QueueCounts(_Message):
    """How much there is to do, and how many workers asked for work in the last minute."""

    waiting: int
    proving: int
    workers: int


def parsed(kind: type[Message], text: bytes) -> Message:
    """Read a message.

    Raises
    ------
    QueueRefusedError
        It is no such message; nothing of it is quoted.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        shown = problems[:_SHOWN_PROBLEMS]
        said = "; ".join(_problem(kind, one["type"], one["loc"]) for one in shown)
    raise QueueRefusedError(f"this is no {kind.__name__}: {said}", BAD_REQUEST)


def _problem(kind: type[_Message], wrong: str, where: tuple[int | str, ...]) -> str:
    # neither what the text says nor the names that it uses: both may be records
    known = where and where[0] in kind.model_fields
    return f"{where[0]}: {wrong}" if known else wrong
