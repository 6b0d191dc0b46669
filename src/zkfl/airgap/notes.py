"""What each side remembers of the bundles that it made and took, so that no old one counts."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.airgap.bundles import Binding, ChainMoment
from zkfl.airgap.container import Hash
from zkfl.airgap.errors import BundleNotReadyError, BundleRefusedError
from zkfl.airgap.reads import Read
from zkfl.atomic_file import write_atomically
from zkfl.chain.deployment import Address
from zkfl.json_problems import json_problems
from zkfl.private_file import read_private_file

_LIMIT = 8 * 2**20
_Notes = TypeVar("_Notes", bound=BaseModel)
_Count = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Taken(_Strict):
    """The last bundle that was taken: its number, and its hash."""

    sequence: _Count = 0
    digest: Hash | None = None

    def require_newer(self, sequence: int, digest: str) -> None:
        """Check that a bundle comes after the last one, or is the last one once more.

        Raises
        ------
        BundleRefusedError
            It is older, or another one of the same number.
        """
        if sequence > self.sequence or (sequence, digest) == (self.sequence, self.digest):
            return
        raise BundleRefusedError(
            f"the bundle has number {sequence}, number {self.sequence} was taken before: it is an "
            "old one, or a copy of this folder made another of the same number; export again"
        )


class RelayNotes(_Strict):
    """A relay's memory.

    Attributes
    ----------
    member
        Whom it serves.
    made
        Number of the last bundle to the node.
    wanted_reads, wanted_artefacts
        What the node asked for last.
    """

    format: Literal["zkfl.relay.v1"] = "zkfl.relay.v1"
    member: Address
    made: _Count = 0
    taken: Taken = Taken()
    wanted_reads: tuple[Read, ...] = ()
    wanted_artefacts: tuple[Hash, ...] = ()


class View(_Strict):
    """The chain as the last bundle shows it.

    Attributes
    ----------
    answers
        SHA-256 of the file of answers beside.
    """

    binding: Binding
    moment: ChainMoment
    answers: Hash


class NodeNotes(_Strict):
    """A node's memory.

    Attributes
    ----------
    relay_key
        Ed25519 public key that it trusts, hexadecimal.
    made
        Number of the last bundle to the relay.
    taken, view
        The last bundle of that relay, and the chain as it shows it.
    earlier
        The last bundles of relays that were trusted before, by their keys: should one be trusted
        again, its old bundles still do not count.
    floor
        Number of the latest block that any of those showed.
    """

    format: Literal["zkfl.airgap.v1"] = "zkfl.airgap.v1"
    relay_key: Hash
    made: _Count = 0
    taken: Taken = Taken()
    view: View | None = None
    earlier: dict[Hash, Taken] = Field(default_factory=dict)
    floor: _Count = 0

    def latest_block(self) -> int:
        """Return the number of the latest block that any relay showed; 0 before one."""
        return max(self.floor, self.view.moment.number if self.view else 0)

    def trusting(self, relay_key: str) -> "NodeNotes":
        """Return the notes with another relay, whose view of the chain is to come."""
        taken = {**self.earlier, self.relay_key: self.taken}
        return NodeNotes(
            relay_key=relay_key,
            made=self.made,
            taken=taken.pop(relay_key, Taken()),
            earlier=taken,
            floor=self.latest_block(),
        )

    def without_view(self) -> "NodeNotes":
        """Return the notes with no view of the chain: the next may be of any block."""
        return self.model_copy(update={"view": None, "floor": 0})


def load_notes(kind: type[_Notes], path: Path, otherwise: str) -> _Notes:
    """Return what a side remembers.

    Raises
    ------
    BundleNotReadyError
        Nothing yet (`otherwise` says what to do), or the file is damaged.
    PrivateFileError
        Others can reach the file.
    """
    if not path.exists():
        raise BundleNotReadyError(otherwise)
    try:
        return kind.model_validate_json(read_private_file(path, _LIMIT))
    except ValidationError as error:
        raise BundleNotReadyError(
            f"{path} is damaged: {json_problems(error)}. Restore it from a copy, or remove it and "
            "set this side up anew"
        ) from error


def save_notes(path: Path, notes: BaseModel) -> None:
    """Keep what a side remembers; it is on disk when this returns."""
    write_atomically(path, notes.model_dump_json(indent=1).encode())
