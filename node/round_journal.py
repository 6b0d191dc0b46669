"""What a node did in a round, step by step, so that a restart goes on where it stopped.

Blinders and noise are written before they are used and never drawn again: two proofs
over the same update would otherwise differ only in their blinders, and a masked update
sent twice under one mask would reveal the difference of the two.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.states import G1Point
from zkfl.errors import ZkflError
from zkfl.field import ELEMENT_BYTES, FieldError, vector_from_bytes, vector_to_bytes
from zkfl.node.home import NodeHome
from zkfl.private_file import read_private_file

_LIMIT = 16 * 1024 * 1024
_TRAINING = "training"
_SUBMISSIONS = "submission-*.json"


class RoundJournalError(ZkflError):
    """An entry of the journal is malformed."""


@dataclass(frozen=True)
class Submission:
    """The encrypted update of an attempt, ready to be sent.

    Attributes
    ----------
    mask
        M_i.
    ciphertext_hash
        SHA-256 of the stored ciphertext, 32 bytes.
    """

    mask: G1Point
    ciphertext_hash: bytes


_Coordinate = Annotated[str, Field(pattern=r"^0x[0-9a-f]{1,64}$")]


class _SubmissionFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    mask: tuple[_Coordinate, _Coordinate]
    ciphertext_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RoundChangedError(RoundJournalError):
    """The chain shows another round under a number for which secrets were drawn."""


class RoundJournal:
    """The files of one round."""

    def __init__(self, home: NodeHome, round_id: int) -> None:
        self._folder = home.round(round_id)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out of the round; waits until they are done."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def bind_attempt(self, attempt: int, identity: bytes) -> None:
        """Keep what an attempt is before anything is masked for it, or compare.

        Raises
        ------
        RoundChangedError
            It is another attempt than the one this journal was begun for.
        RoundJournalError
            A masked update is there, but not what it was made for.
        """
        made = self._submission_path(attempt).exists()
        self._bind(self._folder / f"identity-{attempt}", identity, made=made)

    def bind(self, identity: bytes) -> None:
        """Keep what the round is before anything is drawn for it, or compare.

        Raises
        ------
        RoundChangedError
            It is another round than the one this journal was begun for.
        RoundJournalError
            Secrets are there, but not what they were drawn for.
        """
        made = any(self._folder.glob("*.vector"))
        self._bind(self._folder / "identity", identity, made=made)

    def _bind(self, path: Path, identity: bytes, *, made: bool) -> None:
        if not path.exists():
            if made:
                raise RoundJournalError(f"{path} is lost: restore it from a copy")
            write_atomically(path, identity)
        elif read_private_file(path, limit=_LIMIT) != identity:
            raise RoundChangedError(
                f"{self._folder} was begun for another round of this number: a block was undone, "
                "or the endpoint lies. This node sits the round out, since a second update under "
                "the same secrets would reveal both; it takes part in the next one"
            )

    def vector(self, name: str, length: int) -> list[int] | None:
        """Return a stored vector, or None if that step was not reached.

        Raises
        ------
        RoundJournalError
            The file is damaged or belongs to another circuit.
        """
        path = self._folder / f"{name}.vector"
        if not path.exists():
            return None
        content = read_private_file(path, limit=_LIMIT)
        try:
            return vector_from_bytes(content, length)
        except FieldError:
            # the cause could quote an entry, so it is not chained
            raise RoundJournalError(
                f"{path} is damaged or belongs to another circuit ({len(content)} bytes of "
                f"{length * ELEMENT_BYTES}): restore it from a copy"
            ) from None

    def keep_vector(self, name: str, vector: list[int]) -> None:
        """Store a vector."""
        write_atomically(self._folder / f"{name}.vector", vector_to_bytes(vector))

    def proof_path(self, name: str = _TRAINING) -> Path:
        """Return where a proof is kept."""
        return self._folder / f"{name}.proof"

    def proof(self, name: str = _TRAINING) -> bytes | None:
        """Return a proof, that of training unless another is named, or None."""
        path = self.proof_path(name)
        return read_private_file(path, limit=_LIMIT) if path.exists() else None

    def keep_proof(self, proof: bytes, name: str = _TRAINING) -> None:
        """Store a proof."""
        write_atomically(self.proof_path(name), proof)

    def submission(self, attempt: int) -> Submission | None:
        """Return the submission of an attempt, or None."""
        path = self._submission_path(attempt)
        if not path.exists():
            return None
        try:
            entry = _SubmissionFile.model_validate_json(read_private_file(path, limit=4096))
        except ValidationError as error:
            raise RoundJournalError(
                f"{path} is damaged; restore it from a copy: making a second masked "
                "update for the same attempt would reveal this one"
            ) from error
        x, y = (int(coordinate, 16) for coordinate in entry.mask)
        return Submission(G1Point(x, y), bytes.fromhex(entry.ciphertext_hash))

    def sealed_attempts(self) -> frozenset[int]:
        """Return the attempts that hold a submission."""
        names = (path.stem.removeprefix("submission-") for path in self._folder.glob(_SUBMISSIONS))
        return frozenset(int(name) for name in names if name.isdecimal())

    def keep_submission(self, attempt: int, submission: Submission) -> None:
        """Store the submission of an attempt."""
        entry = _SubmissionFile(
            mask=(hex(submission.mask.x), hex(submission.mask.y)),
            ciphertext_hash=submission.ciphertext_hash.hex(),
        )
        write_atomically(self._submission_path(attempt), entry.model_dump_json().encode())

    def _submission_path(self, attempt: int) -> Path:
        return self._folder / f"submission-{attempt}.json"
