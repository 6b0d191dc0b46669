"""Jobs on the queue's disk: a folder each, in which witnesses lie as short as they can."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.private_file import read_private_file
from zkfl.prover_queue.folder import require_closed
from zkfl.prover_queue.messages import (
    LARGEST_BODY,
    LARGEST_PROOF,
    CircuitName,
    JobId,
    Order,
    Reason,
    Sha256,
)

_ID = re.compile(r"[0-9a-f]{32}")
_FOLDER_MODE = 0o700


class Failure(BaseModel):
    """Why a worker did not prove a job.

    Attributes
    ----------
    refused
        It said that it cannot, or its proof was not taken, and it is not asked again; otherwise it
        fell silent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    worker: Sha256
    reason: Reason
    refused: bool


class JobRecord(BaseModel):
    """What the queue knows of a job; nothing in it is secret.

    Attributes
    ----------
    circuit, manifest_hash
        As ordered.
    owner
        Fingerprint of the node that may ask for the proof.
    expires
        Seconds since 1970; then the job is deleted.
    failures
        The last of each worker that could not, or that was not heard of any more.
    proven_by
        Fingerprint of the worker that brought the proof; None before there was one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    circuit: CircuitName
    manifest_hash: Sha256
    owner: Sha256
    expires: float
    failures: tuple[Failure, ...] = ()
    proven_by: Sha256 | None = None


@dataclass(frozen=True)
class JobFiles:
    """The folder of all jobs.

    Attributes
    ----------
    root
        Mode 0700.
    """

    root: Path

    @classmethod
    def open(cls, root: Path) -> "JobFiles":
        """Make the folder unless it is there; it must be closed to others."""
        root.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        require_closed(root)
        return cls(root)

    def ids(self) -> Iterator[JobId]:
        """Return the jobs whose record can be read; what was cut short is deleted."""
        for path in list(self.root.iterdir()):
            if _ID.fullmatch(path.name) and self.record(path.name) is not None:
                yield path.name
            elif path.is_dir():
                shutil.rmtree(path)

    def create(self, job: JobId, record: JobRecord, order: Order) -> None:
        """Keep an order; its record is written last, without which it does not exist."""
        write_atomically(self._inputs(job), order.model_dump_json().encode())
        self._folder(job).chmod(_FOLDER_MODE)
        self.keep(job, record)

    def keep(self, job: JobId, record: JobRecord) -> None:
        """Replace what is known of a job."""
        write_atomically(self._folder(job) / "job.json", record.model_dump_json().encode())

    def record(self, job: JobId) -> JobRecord | None:
        """Return what is known of a job, None if there is none."""
        path = self._folder(job) / "job.json"
        if not path.exists():
            return None
        try:
            return JobRecord.model_validate_json(read_private_file(path))
        except ValidationError:
            return None

    def order(self, job: JobId) -> Order | None:
        """Return what is to be proven; None once it is given up or damaged."""
        path = self._inputs(job)
        if not path.exists():
            return None
        # JSON of what came in as at most that much, and was checked then
        content = read_private_file(path, limit=2 * LARGEST_BODY)
        try:
            return Order.model_validate_json(content)
        except ValidationError:
            return None

    def forget_inputs(self, job: JobId) -> None:
        """Delete what is to be proven."""
        self._inputs(job).unlink(missing_ok=True)

    def keep_proof(self, job: JobId, proof: bytes) -> None:
        """Keep a proof, until the node has taken it or said that it is none."""
        write_atomically(self._proof(job), proof)

    def forget_proof(self, job: JobId) -> None:
        """Delete a proof that is none."""
        self._proof(job).unlink(missing_ok=True)

    def proof(self, job: JobId) -> bytes | None:
        """Return a job's proof, None before there is one."""
        path = self._proof(job)
        return read_private_file(path, limit=LARGEST_PROOF) if path.exists() else None

    def remove(self, job: JobId) -> None:
        """Delete everything about a job; the record goes first, so that none is left half."""
        (self._folder(job) / "job.json").unlink(missing_ok=True)
        shutil.rmtree(self._folder(job), ignore_errors=False)

    def _folder(self, job: JobId) -> Path:
        return self.root / job

    def _inputs(self, job: JobId) -> Path:
        return self._folder(job) / "order.json"

    def _proof(self, job: JobId) -> Path:
        return self._folder(job) / "proof"
