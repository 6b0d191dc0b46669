"""The order of jobs: persist-queue's acknowledged queue, which holds ids and nothing else.

What a worker took and did not bring back is handed out again, also after a restart.
"""

import fcntl
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import persistqueue
from persistqueue.serializers import json as plain_json

from zkfl.prover_queue.errors import ProverFolderError
from zkfl.prover_queue.folder import require_closed
from zkfl.prover_queue.messages import JobId

_FILE = "tickets.db"
_FINISHED = 5
"""Statuses of persist-queue from here on: acknowledged, or given up."""
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_MOST_CLEARED = 1_000


@dataclass(frozen=True)
class Ticket:
    """A job's place in the queue."""

    place: int
    job: JobId


class Tickets:
    """Jobs in the order in which they came; used by one thread, that which made it.

    Parameters
    ----------
    folder
        Holds the queue's database; made if missing.

    Raises
    ------
    ProverFolderError
        Folder or database are open to others, or the database is damaged, or in use.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        require_closed(folder)
        # SQLite gives its journals the mode of the database
        os.close(os.open(folder / _FILE, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, _FILE_MODE))
        require_closed(folder / _FILE)
        self._lock = _locked(folder)
        try:
            # JSON, as the default would unpickle whatever lies there
            self._queue = persistqueue.SQLiteAckQueue(
                str(folder), db_file_name=_FILE, serializer=plain_json
            )
        except sqlite3.DatabaseError as error:
            os.close(self._lock)
            raise ProverFolderError(
                f"{folder / _FILE} is damaged ({error}): delete it; the jobs themselves are in "
                "another folder, and are found again"
            ) from error

    def waiting(self) -> int:
        """Return how many jobs nobody holds."""
        return int(self._queue.size)

    def jobs(self) -> set[JobId]:
        """Return the jobs that are waiting or held."""
        rows = self._queue.queue()
        return {row["data"]["job"] for row in rows if int(row["status"]) < _FINISHED}

    def add(self, job: JobId) -> None:
        """Put a job at the end."""
        self._queue.put({"job": job})

    def take(self, after: Ticket | None = None) -> Ticket | None:
        """Take the first waiting job, or the first after another; begins anew at the end."""
        options: dict[str, Any] = {} if after is None else {"id": after.place}
        try:
            item = self._queue.get(block=False, raw=True, next_in_order=bool(options), **options)
        except persistqueue.Empty:
            return None
        return Ticket(int(item["pqid"]), item["data"]["job"])

    def give_back(self, ticket: Ticket) -> None:
        """Let somebody else take a job, at its old place."""
        self._queue.nack(id=ticket.place)

    def finish(self, ticket: Ticket) -> None:
        """Forget a job."""
        self._queue.ack(id=ticket.place)
        self._queue.clear_acked_data(max_delete=_MOST_CLEARED, keep_latest=0)

    def close(self) -> None:
        """Close the database; what is held is waiting when it is opened again."""
        self._queue.close()
        # its end closes once more, which only this thread may
        del self._queue
        os.close(self._lock)


def _locked(folder: Path) -> int:
    """Hold a folder until the descriptor is closed: two queues would hand a job out twice."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise ProverFolderError(
            f"{folder} is in use: another zkfl prover serve holds this queue"
        ) from error
    return descriptor
