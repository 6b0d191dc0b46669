"""A node's prover that has its proofs made by the hospital's workers, and checks each."""

import secrets
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zkfl.commitments import Committer
from zkfl.foreign_text import foreign_text
from zkfl.logs import logger
from zkfl.prover_queue.connection import QueueConnection
from zkfl.prover_queue.errors import ProverQueueError, QueueRefusedError, ReturnedProofError
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.inputs import pack_inputs
from zkfl.prover_queue.messages import LONGEST_WAIT, JobState, Order, parsed
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import (
    DeadlineError,
    Proof,
    Vectors,
    compute_witness,
    read_points,
    require_length,
    require_zero_entries,
)

_ID_BYTES = 16
_log = logger("prover")


@dataclass(frozen=True)
class QueuedProver:
    """Proves through the queue at a URL; takes the place of `zkfl.zk_circuits.prover.prove`.

    The outputs are computed here: of what comes back, only the proof is taken, and only if it is
    one of these inputs and these outputs. A worker can delay, and it sees the records.

    Attributes
    ----------
    url
        ``https://host:port``.
    folder
        With this node's certificate and the queue's.
    """

    url: str
    folder: Path

    def __call__(
        self,
        built: BuiltCircuit,
        inputs: Vectors,
        deadline_seconds: float,
        *,
        scratch: Path | None = None,
    ) -> Proof:
        """Return a proof that a worker made and this node checked.

        Raises
        ------
        QueueUnreachableError, QueueRefusedError, ProverQueueError
            The queue or its workers do not do it.
        DeadlineError
            The deadline passed.
        ReturnedProofError, InvalidProofError
            What came back is no proof of these inputs.
        ProverError, EzklError
            As `prove`: the statement is not provable.
        """
        connection = QueueConnection(self.url, ProverFolder.open(self.folder))
        with tempfile.TemporaryDirectory(prefix="zkfl-proof-", dir=scratch) as name:
            witness = compute_witness(built.definition, built.files.compiled, inputs, Path(name))
        require_zero_entries(witness)
        data = _proof_from(connection, _order(built, inputs, deadline_seconds))
        return _checked(built, data, inputs, witness.outputs)


def _order(built: BuiltCircuit, inputs: Vectors, seconds: float) -> Order:
    return Order(
        circuit=built.definition.name,
        manifest_hash=built.manifest.manifest_hash().hex(),
        seconds=seconds,
        inputs=pack_inputs(inputs),
    )


def _proof_from(connection: QueueConnection, order: Order) -> bytes:
    """Order a proof and wait for it; the job does not outlive this call."""
    path, until = f"/v1/jobs/{secrets.token_hex(_ID_BYTES)}", time.monotonic() + order.seconds
    begun = time.monotonic()
    try:
        connection.insist("PUT", path, order.model_dump_json().encode(), until, lambda: False)
        proof = _awaited(connection, path, until, order)
    finally:
        # whatever happens, the inputs need not lie there any more
        with suppress(ProverQueueError):
            connection.ask("DELETE", path)
    seconds = round(time.monotonic() - begun, 1)
    _log.info("proof came from the queue", circuit=order.circuit, seconds=seconds)
    return proof


def _awaited(connection: QueueConnection, path: str, until: float, order: Order) -> bytes:
    reasons = ""
    while (left := until - time.monotonic()) > 0:
        state = _state(connection, f"{path}?wait={min(LONGEST_WAIT, int(left) + 1)}", until)
        if state is None:
            break
        if state.proof is not None:
            return bytes.fromhex(state.proof)
        reasons = "; ".join(foreign_text(reason) for reason in state.reasons)
        if state.state == "failed":
            raise ProverQueueError(f"no worker proved {order.circuit}: {reasons}")
    raise DeadlineError(
        f"no proof of {order.circuit} from the queue after {order.seconds:g} s "
        f"({reasons or 'no worker refused it'}): is zkfl prover work running? Raise "
        "prover_deadline_seconds if the round allows it"
    )


def _state(connection: QueueConnection, path: str, until: float) -> JobState | None:
    """Return how far a job is, None if the deadline passed while the queue was asked."""
    try:
        answer = connection.insist("GET", path, None, until, lambda: False)
    except QueueRefusedError:
        # the queue deletes the job at the same deadline, and may be a moment quicker
        if time.monotonic() >= until:
            return None
        raise
    return parsed(JobState, answer.body)


def _checked(
    built: BuiltCircuit, data: bytes, inputs: Vectors, outputs: Mapping[str, list[int]]
) -> Proof:
    """Check a proof that a stranger could have sent, before anything is done with it."""
    require_length(built, data)
    commit = Committer(built.files.srs).commit
    points = read_points(built.definition, data)
    vectors = {**inputs, **outputs}
    wrong = [name for name, vector in vectors.items() if points[name] != tuple(commit(vector))]
    if wrong:
        raise ReturnedProofError(
            f"a worker returned a proof about another {', '.join(wrong)}: nothing was sent. Find "
            "out which worker of the queue it was, and why"
        )
    if valid_proofs(built, [data]) != [True]:
        raise ReturnedProofError(
            "a worker returned a proof that does not hold: nothing was sent. Find out which worker "
            "of the queue it was, and why"
        )
    return Proof(data, points, dict(outputs))
