"""What ``zkfl prover work`` does until it is stopped."""

import signal
from pathlib import Path

from zkfl.cli.output import error_console, point_progress
from zkfl.prover_queue.connection import QueueConnection
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.worker import Worker
from zkfl.prover_queue.workshop import Workshop
from zkfl.scratch import fresh_scratch


def work_until_stopped(folder: Path, server: str, srs: Path | None, jobs: int | None) -> int:
    """Work until Ctrl-C, the system's request to end, or so many jobs; return the proofs made."""
    place = ProverFolder.open(folder)
    connection = QueueConnection(server, place)
    console = error_console()
    # as Ctrl-C does: the job is given back and the witness deleted
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    worker = Worker(
        connection,
        Workshop(srs, point_progress).circuit,
        fresh_scratch(place.scratch),
        lambda line: console.print(line, markup=False),
    )
    console.print(f"working for {server}", markup=False)
    return worker.work(jobs)
