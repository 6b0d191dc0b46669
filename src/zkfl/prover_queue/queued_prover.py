"""A node's prover that has its proofs made by the hospital's workers, and checks each."""

import hashlib
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zkfl.commitments import Committer
from zkfl.errors import ZkflError
from zkfl.foreign_text import foreign_text
from zkfl.logs import logger
from zkfl.prover_queue.connection import Answer, QueueConnection
from zkfl.prover_queue.errors import ProverQueueError, QueueRefusedError, ReturnedProofError
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.inputs import pack_inputs
from zkfl.prover_queue.messages import (
    LONGEST_REASON,
    LONGEST_WAIT,
    MOST_FAILURES,
    JobState,
    Order,
    Rejection,
    parsed,
)
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.ezkl_calls import Point
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import (
    DeadlineError,
    InvalidProofError,
    Proof,
    Vectors,
    compute_witness,
    read_points,
    require_length,
    require_zero_entries,
)

_ID_BYTES = 16
_log = logger("prover")
Check = Callable[[bytes], Proof]
"""Makes a proof of its bytes; raises `ReturnedProofError` if it is none."""


@dataclass(frozen=True)
class QueuedProver:
    """Proves through the queue at a URL; takes the place of `zkfl.zk_circuits.prover.prove`.

    The outputs are computed here: of what comes back, only the proof is taken, and only if it is
    one of these inputs and these outputs. What is not is rejected, and the queue asks another
    worker. A worker can delay, and it sees the records.

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
        ReturnedProofError
            The queue goes on to bring what is no proof of these inputs.
        ProverError, EzklError
            As `prove`: the statement is not provable.
        """
        connection = QueueConnection(self.url, ProverFolder.open(self.folder))
        with tempfile.TemporaryDirectory(prefix="zkfl-proof-", dir=scratch) as name:
            witness = compute_witness(built.definition, built.files.compiled, inputs, Path(name))
        require_zero_entries(witness)

        def check(data: bytes) -> Proof:
            return _checked(built, data, inputs, witness.outputs)

        return _proof_from(connection, _order(built, inputs, deadline_seconds), check)


def _order(built: BuiltCircuit, inputs: Vectors, seconds: float) -> Order:
    return Order(
        circuit=built.definition.name,
        manifest_hash=built.manifest.manifest_hash().hex(),
        seconds=seconds,
        inputs=pack_inputs(inputs),
    )


def _proof_from(connection: QueueConnection, order: Order, check: Check) -> Proof:
    """Order a proof and wait for one that passes; the job does not outlive this call."""
    path, begun = f"/v1/jobs/{secrets.token_hex(_ID_BYTES)}", time.monotonic()
    job = _Job(connection, path, begun + order.seconds, order)
    try:
        job.place()
        proof = job.proof(check)
    finally:
        # whatever happens, the inputs need not lie there any more
        with suppress(ProverQueueError):
            connection.ask("DELETE", path)
    seconds = round(time.monotonic() - begun, 1)
    _log.info("proof came from the queue", circuit=order.circuit, seconds=seconds)
    return proof


@dataclass(frozen=True)
class _Job:
    """An order at the queue, until its deadline of `time.monotonic`."""

    connection: QueueConnection
    path: str
    until: float
    order: Order

    def place(self) -> None:
        """Bring the order to the queue."""
        content = self.order.model_dump_json().encode()
        self.connection.insist("PUT", self.path, content, self.until, lambda: False)

    def proof(self, check: Check) -> Proof:
        """Return the first proof that passes; others are rejected, and the queue asks elsewhere."""
        reasons, rejected = "", 0
        while (state := self._state()) is not None:
            reasons = "; ".join(foreign_text(reason) for reason in state.reasons)
            if state.state == "failed":
                raise ProverQueueError(f"no worker proved {self.order.circuit}: {reasons}")
            if state.proof is None:
                continue
            data = bytes.fromhex(state.proof)
            try:
                return check(data)
            except ReturnedProofError as error:
                reasons, rejected = str(error), rejected + 1
                if rejected > MOST_FAILURES:
                    # a queue that does not shut such workers out is none
                    raise
                self._reject(data, error)
        raise DeadlineError(
            f"no proof of {self.order.circuit} from the queue after {self.order.seconds:g} s "
            f"({reasons or 'no worker refused it'}): is zkfl prover work running? Raise "
            "prover_deadline_seconds if the round allows it"
        )

    def _state(self) -> JobState | None:
        """Return how far the job is, None once the deadline passed."""
        left = self.until - time.monotonic()
        if left <= 0:
            return None
        # a last answer before the deadline, which deletes the job and what workers said of it
        wait = min(LONGEST_WAIT, max(1, int(left)))
        answer = self._asked("GET", f"?wait={wait}", None)
        return None if answer is None else parsed(JobState, answer.body)

    def _reject(self, data: bytes, error: ZkflError) -> None:
        _log.warning("proof not taken", circuit=self.order.circuit, reason=str(error))
        rejection = Rejection(
            proof=hashlib.sha256(data).hexdigest(), reason=str(error)[:LONGEST_REASON]
        )
        self._asked("POST", "/rejection", rejection.model_dump_json().encode())

    def _asked(self, method: str, rest: str, body: bytes | None) -> Answer | None:
        """Ask about the job; None if the deadline passed meanwhile."""
        try:
            return self.connection.insist(method, self.path + rest, body, self.until, lambda: False)
        except QueueRefusedError:
            # the queue deletes the job at the same deadline, and may be a moment quicker
            if time.monotonic() >= self.until:
                return None
            raise


def _checked(
    built: BuiltCircuit, data: bytes, inputs: Vectors, outputs: Mapping[str, list[int]]
) -> Proof:
    """Check a proof that a stranger could have sent, before anything is done with it."""
    commit = Committer(built.files.srs).commit
    points = _points(built, data)
    vectors = {**inputs, **outputs}
    wrong = [name for name, vector in vectors.items() if points[name] != tuple(commit(vector))]
    if wrong:
        raise ReturnedProofError(
            f"a worker returned a proof about another {', '.join(wrong)}: nothing was sent. The "
            "queue's log says which worker it was; find out why"
        )
    if valid_proofs(built, [data]) != [True]:
        raise ReturnedProofError(
            "a worker returned a proof that does not hold: nothing was sent. The queue's log says "
            "which worker it was; find out why"
        )
    return Proof(data, points, dict(outputs))


def _points(built: BuiltCircuit, data: bytes) -> dict[str, Point]:
    try:
        require_length(built, data)
        return read_points(built.definition, data)
    except InvalidProofError as error:
        raise ReturnedProofError(
            f"a worker returned what is no proof: {error}. Nothing was sent; the queue's log says "
            "which worker it was; find out why"
        ) from error
