"""A worker: takes jobs from the hospital's queue, proves, and gives the proofs back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from zkfl.errors import ZkflError
from zkfl.logs import logger
from zkfl.prover_queue.connection import QueueConnection
from zkfl.prover_queue.errors import (
    CircuitMismatchError,
    ProverQueueError,
    QueueRefusedError,
    QueueUnreachableError,
)
from zkfl.prover_queue.inputs import unpack_inputs
from zkfl.prover_queue.messages import (
    LONGEST_REASON,
    LONGEST_WAIT,
    Order,
    ProofReply,
    Refusal,
    Task,
    parsed,
)
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.prover import UnwantedProofError, prove

_BEATS = 4
"""A hold is renewed so many times before it would end."""
_NO_CONTENT, _GONE = 204, 410
_PAUSE_SECONDS = 1.0
_log = logger("prover_worker")
Build = Callable[[str], BuiltCircuit]
"""Returns this machine's circuit of a name."""
Tell = Callable[[str], None]
"""Gets a line for people, without secrets."""


@dataclass(frozen=True)
class Worker:
    """Proves what the queue hands out, one job at a time.

    Attributes
    ----------
    connection
        To the queue.
    build
        Makes circuits from this machine's own sources and SRS; of a job, only the name is used.
    scratch
        Private folder for witnesses.
    tell
        Told of every job.
    """

    connection: QueueConnection
    build: Build
    scratch: Path
    tell: Tell

    def work(self, jobs: int | None = None) -> int:
        """Prove until so many jobs were handed out, or for ever; return how many were proven.

        A queue that does not answer is asked again.

        Raises
        ------
        QueueRefusedError
            The queue does not know this worker, or is not the one that this worker knows.
        """
        taken = proven = 0
        while jobs is None or taken < jobs:
            task = self._next()
            if task is not None:
                taken += 1
                proven += self._serve(task)
        return proven

    def _next(self) -> Task | None:
        try:
            answer = self.connection.ask("POST", f"/v1/leases?wait={LONGEST_WAIT}")
        except QueueUnreachableError as error:
            self.tell(f"{error}; trying again")
            time.sleep(_PAUSE_SECONDS)
            return None
        return None if answer.status == _NO_CONTENT else parsed(Task, answer.body)

    def _serve(self, task: Task) -> bool:
        """Prove one job, or say why not; True if the queue has the proof."""
        name, begun = task.order.circuit, time.monotonic()
        self.tell(f"{name}: begun")
        with _held(self.connection, task) as lost:
            try:
                proof = self._prove(task.order, lost)
            except (UnwantedProofError, QueueRefusedError):
                self.tell(f"{name}: given up, nobody waits for it any more")
                return False
            except ZkflError as error:
                self._refuse(task, error)
                return False
            done = self._deliver(task, proof, lost)
        took = f"{time.monotonic() - begun:.1f} s"
        self.tell(f"{name}: proven in {took}" if done else f"{name}: proven too late, {took}")
        return done

    def _prove(self, order: Order, lost: Event) -> bytes:
        built = self.build(order.circuit)
        digest = built.manifest.manifest_hash().hex()
        if digest != order.manifest_hash:
            raise CircuitMismatchError(
                f"this worker's {order.circuit} is {digest}, the node's {order.manifest_hash}: do "
                "both have the same zkfl and the same SRS?"
            )
        inputs = unpack_inputs(built.definition, order.inputs)
        seconds, scratch = order.seconds, self.scratch
        return prove(built, inputs, seconds, scratch=scratch, unwanted=lost.is_set).data

    def _refuse(self, task: Task, error: ZkflError) -> None:
        # other errors may quote what they are about, and that is records
        harmless = isinstance(error, CircuitMismatchError)
        reason = str(error) if harmless else f"the worker failed ({type(error).__name__})"
        self.tell(f"{task.order.circuit}: {reason}")
        body = Refusal(reason=reason[:LONGEST_REASON]).model_dump_json().encode()
        with suppress(ProverQueueError):
            self.connection.ask("POST", f"/v1/leases/{task.lease}/refusal", body)

    def _deliver(self, task: Task, proof: bytes, lost: Event) -> bool:
        body = ProofReply(proof=proof.hex()).model_dump_json().encode()
        until = time.monotonic() + task.order.seconds
        path = f"/v1/leases/{task.lease}/proof"
        try:
            self.connection.insist("POST", path, body, until, lost.is_set)
        except ProverQueueError:
            return False
        return True


@contextmanager
def _held(connection: QueueConnection, task: Task) -> Iterator[Event]:
    """Hold a job: the queue hears of the worker while it proves; the event says it was lost.

    Whoever leaves by an exception, such as Ctrl-C, gives the job back.
    """
    lost, ended = Event(), Event()
    path = f"/v1/leases/{task.lease}"

    def renew() -> None:
        while not ended.wait(task.lease_seconds / _BEATS):
            try:
                connection.ask("PUT", path)
            except QueueUnreachableError:
                _log.warning("queue does not answer", circuit=task.order.circuit)
            except QueueRefusedError:
                lost.set()
                return

    thread = Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield lost
    except BaseException:
        with suppress(ProverQueueError):
            connection.ask("DELETE", path)
        raise
    finally:
        ended.set()
        thread.join()
