"""The hospital's queue of proofs: who waits for what, and who works on it."""

import hashlib
import time
from collections.abc import Callable

from zkfl.logs import logger
from zkfl.prover_queue.errors import QueueRefusedError
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.job_files import Failure, JobFiles, JobRecord
from zkfl.prover_queue.leases import Lease, Leases
from zkfl.prover_queue.messages import (
    MOST_FAILURES,
    JobId,
    JobState,
    Order,
    QueueCounts,
    Rejection,
    Task,
)
from zkfl.prover_queue.tickets import Ticket, Tickets

MOST_JOBS = 64
"""At a time; a hospital has one or two."""
LEASE_SECONDS = 60.0
"""Longer than a worker is silent while EZKL makes the keys of a circuit."""
SHARE_ALONE = 0.25
"""Of the time that is left of a job: for so long one worker has it alone, even if others idle."""
_NOT_FOUND, _CONFLICT, _GONE, _FULL = 404, 409, 410, 503
_RECENT_SECONDS = 60.0
_SHOWN_DIGITS = 8
_log = logger("prover_queue")


class ProofQueue:
    """Jobs of nodes, handed to workers until one brings a proof that the node takes.

    A job and its proof outlast a restart; leases do not, so that a job which was being proven is
    proven again. Nothing here judges a proof: the node does. Until it has, what the proof is about
    is kept, so that another worker can be asked.

    Parameters
    ----------
    folder
        Of the queue.
    lease_seconds
        A worker that was not heard of for so long has lost its job.
    clock
        Seconds since 1970.

    Raises
    ------
    ProverFolderError
        What the queue keeps is open to others.
    """

    def __init__(
        self,
        folder: ProverFolder,
        lease_seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._files = JobFiles.open(folder.jobs)
        self._tickets = Tickets(folder.queue)
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._leases = Leases()
        self._seen: dict[str, float] = {}
        queued = self._tickets.jobs()
        for job in self._files.ids():
            if job not in queued and self._is_open(job):
                # stopped between the job's files and its ticket
                self._tickets.add(job)
        self.sweep()

    def close(self) -> None:
        """Stop; what is unfinished goes on when the queue is opened again."""
        self._tickets.close()

    # --- nodes ---

    def add(self, job: JobId, owner: str, order: Order) -> None:
        """Take an order; the same one again changes nothing.

        Raises
        ------
        QueueRefusedError
            The queue is full, or the id is another node's.
        """
        if self._files.record(job) is not None:
            self._owned(job, owner)
            return
        if sum(1 for _ in self._files.ids()) >= MOST_JOBS:
            raise QueueRefusedError(f"the queue holds {MOST_JOBS} jobs: try again later", _FULL)
        record = JobRecord(
            circuit=order.circuit,
            manifest_hash=order.manifest_hash,
            owner=owner,
            expires=self._clock() + order.seconds,
        )
        self._files.create(job, record, order)
        self._tickets.add(job)
        _log.info("job taken in", job=job[:_SHOWN_DIGITS], circuit=order.circuit)

    def state(self, job: JobId, owner: str) -> JobState:
        """Tell a node how far its job is.

        Raises
        ------
        QueueRefusedError
            It has no such job.
        """
        record = self._owned(job, owner)
        reasons = tuple(failure.reason for failure in record.failures)
        proof = self._files.proof(job)
        if proof is not None:
            return JobState(state="proven", proof=proof.hex(), reasons=reasons)
        if _is_given_up(record):
            return JobState(state="failed", reasons=reasons)
        held = bool(self._leases.of_job(job))
        return JobState(state="proving" if held else "waiting", reasons=reasons)

    def reject(self, job: JobId, owner: str, rejection: Rejection) -> None:
        """Hear of a proof that the node does not take; another worker is asked.

        The same again changes nothing, nor does it where another proof came since.

        Raises
        ------
        QueueRefusedError
            It has no such job.
        """
        record, proof = self._owned(job, owner), self._files.proof(job)
        if proof is None or hashlib.sha256(proof).hexdigest() != rejection.proof:
            return
        if record.proven_by is not None:
            failure = Failure(worker=record.proven_by, reason=rejection.reason, refused=True)
            record = self._noted(job, record, failure)
        self._files.forget_proof(job)
        if _is_given_up(record):
            self._end_all(job)
        elif not self._leases.of_job(job):
            self._tickets.add(job)

    def cancel(self, job: JobId, owner: str) -> None:
        """Delete a node's job, whoever works on it.

        Raises
        ------
        QueueRefusedError
            It has no such job.
        """
        self._owned(job, owner)
        self._remove(job)
        _log.info("job deleted", job=job[:_SHOWN_DIGITS])

    def _owned(self, job: JobId, owner: str) -> JobRecord:
        record = self._files.record(job)
        # another node's job is told from none at all by nobody
        if record is None or record.owner != owner:
            raise QueueRefusedError(f"there is no job {job} of this node", _NOT_FOUND)
        return record

    def _is_open(self, job: JobId) -> bool:
        """Tell whether a worker is wanted."""
        return self._files.order(job) is not None and self._files.proof(job) is None

    def _remove(self, job: JobId) -> None:
        self._files.remove(job)
        self._end_all(job)

    # --- workers ---

    def take(self, worker: str) -> Task | None:
        """Hand a worker the first job that it has not refused; None if there is none.

        A worker for which none is waiting shares one that others have had for long: whether they
        are slow or unwilling, nobody can tell. The first proof counts.
        """
        self._seen[worker] = self._clock()
        self.sweep()
        return self._first_waiting(worker) or self._shared(worker)

    def _first_waiting(self, worker: str) -> Task | None:
        passed: set[int] = set()
        ticket = self._tickets.take()
        while ticket is not None:
            if ticket.place in passed:
                self._tickets.give_back(ticket)
                return None
            task = self._leased(ticket, worker)
            if task is not None:
                return task
            passed.add(ticket.place)
            ticket = self._tickets.take(after=ticket)
        return None

    def _leased(self, ticket: Ticket, worker: str) -> Task | None:
        record = self._files.record(ticket.job)
        if record is None or not self._is_open(ticket.job) or self._leases.of_job(ticket.job):
            self._tickets.finish(ticket)
            return None
        if self._is_for_others(record, worker):
            self._tickets.give_back(ticket)
            return None
        return self._handed(ticket, record, worker)

    def _shared(self, worker: str) -> Task | None:
        for ticket in self._leases.long_held(worker, self._clock()):
            record = self._files.record(ticket.job)
            if record is None or not self._is_open(ticket.job):
                continue
            if not self._is_for_others(record, worker):
                return self._handed(ticket, record, worker)
        return None

    def _handed(self, ticket: Ticket, record: JobRecord, worker: str) -> Task | None:
        order, now = self._files.order(ticket.job), self._clock()
        if order is None:
            return None
        left, until = record.expires - now, now + self._lease_seconds
        token = self._leases.add(Lease(ticket, worker, until, now + SHARE_ALONE * left))
        _log.info("job handed out", job=ticket.job[:_SHOWN_DIGITS], worker=worker[:_SHOWN_DIGITS])
        order = order.model_copy(update={"seconds": left})
        return Task(lease=token, lease_seconds=self._lease_seconds, order=order)

    def _is_for_others(self, record: JobRecord, worker: str) -> bool:
        """Tell whether a worker refused a job, or fell silent over it while others are there."""
        failed = {failure.worker: failure.refused for failure in record.failures}
        return worker in failed and (failed[worker] or bool(self._recent() - failed.keys()))

    def keep(self, token: JobId, worker: str) -> None:
        """Hear of a worker that still proves.

        Raises
        ------
        QueueRefusedError
            The job is not the worker's any more.
        """
        self._lease(token, worker)
        self._leases.renew(token, self._clock() + self._lease_seconds)

    def deliver(self, token: JobId, worker: str, proof: bytes) -> None:
        """Take a proof from a worker that holds the job, for the node to judge.

        Others that hold it go on until the node has taken the proof: it may be none. Of two that
        come before the node has judged, the first is kept.

        Raises
        ------
        QueueRefusedError
            The job is not the worker's any more.
        """
        job = self._lease(token, worker).ticket.job
        record = self._files.record(job)
        if record is not None and self._files.proof(job) is None:
            self._files.keep(job, record.model_copy(update={"proven_by": worker}))
            self._files.keep_proof(job, proof)
        ticket = self._leases.end(token)
        if ticket is not None:
            self._tickets.finish(ticket)
        _log.info("job proven", job=job[:_SHOWN_DIGITS], worker=worker[:_SHOWN_DIGITS])

    def refuse(self, token: JobId, worker: str, reason: str) -> None:
        """Hear of a worker that cannot prove its job; another gets it.

        Raises
        ------
        QueueRefusedError
            The job is not the worker's any more.
        """
        self._fail(token, self._lease(token, worker), reason, refused=True)

    def give_back(self, token: JobId, worker: str) -> None:
        """Take a job back from a worker that stops; it counts as no failure.

        Raises
        ------
        QueueRefusedError
            The job is not the worker's any more.
        """
        self._lease(token, worker)
        self._end(token)

    def _lease(self, token: JobId, worker: str) -> Lease:
        self.sweep()
        lease = self._leases.of_worker(token, worker)
        if lease is None:
            raise QueueRefusedError("this job is not yours any more: give it up", _GONE)
        return lease

    def _end(self, token: JobId) -> None:
        """End a hold; the job waits again if it was the last one."""
        ticket = self._leases.end(token)
        if ticket is not None:
            self._tickets.give_back(ticket)

    def _end_all(self, job: JobId) -> None:
        """Let nobody prove a job any more."""
        ticket = self._leases.end_all(job)
        if ticket is not None:
            self._tickets.finish(ticket)

    def _fail(self, token: JobId, lease: Lease, reason: str, *, refused: bool) -> None:
        job, record = lease.ticket.job, self._files.record(lease.ticket.job)
        if record is not None:
            failure = Failure(worker=lease.worker, reason=reason, refused=refused)
            record = self._noted(job, record, failure)
        if record is None or _is_given_up(record):
            self._end_all(job)
        else:
            self._end(token)

    def _noted(self, job: JobId, record: JobRecord, failure: Failure) -> JobRecord:
        """Note a worker's failure; the last one gives the job up, and deletes what it is about."""
        # one a worker: who fails again and again must not use up what others are allowed
        others = (one for one in record.failures if one.worker != failure.worker)
        record = record.model_copy(update={"failures": (*others, failure)})
        self._files.keep(job, record)
        worker = failure.worker[:_SHOWN_DIGITS]
        _log.warning("job not proven", job=job[:_SHOWN_DIGITS], worker=worker)
        if _is_given_up(record):
            self._files.forget_inputs(job)
        return record

    # --- time ---

    def sweep(self) -> None:
        """Delete jobs that nobody waits for any more; take jobs from workers that fell silent."""
        now = self._clock()
        for job in self._files.ids():
            record = self._files.record(job)
            if record is not None and record.expires <= now:
                self._remove(job)
                _log.info("job out of date", job=job[:_SHOWN_DIGITS])
        for token, lease in self._leases.silent(now):
            if self._leases.of_worker(token, lease.worker) is not None:
                self._fail(token, lease, "the worker was not heard of any more", refused=False)

    def counts(self) -> QueueCounts:
        """Tell how much there is to do, and how many workers there are."""
        return QueueCounts(
            waiting=self._tickets.waiting(),
            proving=self._leases.jobs(),
            workers=len(self._recent()),
        )

    def _recent(self) -> set[str]:
        """Return the workers that asked for work lately."""
        since = self._clock() - _RECENT_SECONDS
        return {worker for worker, seen in self._seen.items() if seen >= since}


def _is_given_up(record: JobRecord) -> bool:
    return len(record.failures) >= MOST_FAILURES
