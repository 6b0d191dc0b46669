"""Which worker is on which job; several can be, where one takes long and others are idle."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

from zkfl.prover_queue.messages import JobId
from zkfl.prover_queue.tickets import Ticket

_ID_BYTES = 16


@dataclass(frozen=True)
class Lease:
    """A worker's hold on a job.

    Attributes
    ----------
    ticket
        The job's place in the queue.
    worker
        Fingerprint of its certificate.
    until
        Without a word from the worker, the hold ends then.
    alone_until
        From then on a worker that has nothing else to do gets the job too.
    """

    ticket: Ticket
    worker: str
    until: float
    alone_until: float


class Leases:
    """All holds, by the token that names each; the oldest first."""

    def __init__(self) -> None:
        self._held: dict[JobId, Lease] = {}

    def add(self, lease: Lease) -> JobId:
        """Keep a hold, and return its token."""
        token = secrets.token_hex(_ID_BYTES)
        self._held[token] = lease
        return token

    def of_worker(self, token: JobId, worker: str) -> Lease | None:
        """Return a worker's hold; None where the token is another's, or of none."""
        lease = self._held.get(token)
        return lease if lease is not None and lease.worker == worker else None

    def of_job(self, job: JobId) -> list[Lease]:
        """Return every hold on a job."""
        return [lease for lease in self._held.values() if lease.ticket.job == job]

    def renew(self, token: JobId, until: float) -> None:
        """Let a hold last longer."""
        self._held[token] = replace(self._held[token], until=until)

    def end(self, token: JobId) -> Ticket | None:
        """End one hold; return the job's ticket if nobody else holds it."""
        ticket = self._held.pop(token).ticket
        return None if self.of_job(ticket.job) else ticket

    def end_all(self, job: JobId) -> Ticket | None:
        """End every hold on a job; return its ticket, None if nobody held it."""
        tokens = [token for token, lease in self._held.items() if lease.ticket.job == job]
        tickets = [self._held.pop(token).ticket for token in tokens]
        return tickets[0] if tickets else None

    def silent(self, now: float) -> list[tuple[JobId, Lease]]:
        """Return the holds of workers that were not heard of for too long."""
        return [(token, lease) for token, lease in self._held.items() if lease.until <= now]

    def long_held(self, worker: str, now: float) -> Iterator[Ticket]:
        """Yield the jobs that all who hold them have had for long, and a worker does not hold."""
        for job in dict.fromkeys(lease.ticket.job for lease in self._held.values()):
            holders = self.of_job(job)
            is_long = all(lease.alone_until <= now for lease in holders)
            if is_long and all(lease.worker != worker for lease in holders):
                yield holders[0].ticket

    def jobs(self) -> int:
        """Return how many jobs are held."""
        return len({lease.ticket.job for lease in self._held.values()})
