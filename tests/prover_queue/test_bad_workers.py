"""A worker that lies, errs or dies delays the node's proof, and nothing else."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.drills.small_hospital import SmallHospital
from zkfl.prover_queue import proof_queue, queued_prover
from zkfl.prover_queue.errors import ProverQueueError, ReturnedProofError
from zkfl.prover_queue.folder import Role
from zkfl.prover_queue.inputs import pack_inputs
from zkfl.prover_queue.messages import JobState, Order, ProofReply, Task, parsed
from zkfl.scratch import fresh_scratch
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import (
    DeadlineError,
    Proof,
    StatementError,
    UnwantedProofError,
    prove,
)

if TYPE_CHECKING:
    from conftest import Inputs

DEADLINE = 300.0
JOB = "/v1/jobs/" + "1" * 32
ZKFL = "from zkfl.cli.app import main; main()"
Aside = Callable[[Callable[[], object]], object]


def answer(hospital: SmallHospital, proof: bytes, worker: str) -> None:
    """Take a job and bring whatever it likes."""
    connection = hospital.connection(worker)
    task = parsed(Task, connection.ask("POST", "/v1/leases?wait=20").body)
    body = ProofReply(proof=proof.hex()).model_dump_json().encode()
    connection.ask("POST", f"/v1/leases/{task.lease}/proof", body)


@pytest.mark.timeout(180)
def test_a_proof_of_other_inputs_is_not_taken_and_another_worker_is_asked(
    hospital: SmallHospital,
    circuit: BuiltCircuit,
    inputs: "Inputs",
    other_proof: bytes,
    aside: Aside,
) -> None:
    proven: list[int] = []

    def work() -> None:
        answer(hospital, other_proof, "liar")
        proven.append(hospital.worker().work(jobs=1))

    hospital.add("liar", Role.WORKER)
    with hospital.open():
        aside(work)
        proof = hospital.prover()(circuit, inputs, DEADLINE)
        wait_for(lambda: bool(proven))
    assert proof.data != other_proof
    assert valid_proofs(circuit, [proof.data]) == [True]
    assert proven == [1]
    assert list((hospital.folder("queue").jobs).iterdir()) == []


@pytest.fixture
def bad_proofs(circuit: BuiltCircuit, inputs: "Inputs", other_proof: bytes) -> dict[str, bytes]:
    """Proofs by what is said of them."""
    honest = prove(circuit, inputs, DEADLINE).data
    return {
        "about another data: nothing was sent": other_proof,
        "does not hold: nothing was sent": honest[:-1] + bytes([honest[-1] ^ 1]),
        f"has {len(honest) - 1} bytes, the manifest says": honest[:-1],
        f"has {len(honest) + 1} bytes, the manifest says": honest + b"\0",
        "has 0 bytes, the manifest says": b"",
    }


def test_where_all_workers_lie_the_node_says_what_was_wrong_with_each_proof(  # noqa: PLR0913, PLR0917
    hospital: SmallHospital,
    circuit: BuiltCircuit,
    inputs: "Inputs",
    bad_proofs: dict[str, bytes],
    aside: Aside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (proof_queue, queued_prover):
        monkeypatch.setattr(module, "MOST_FAILURES", len(bad_proofs))

    def work() -> None:
        for number, proof in enumerate(bad_proofs.values()):
            answer(hospital, proof, f"liar-{number}")

    for number in range(len(bad_proofs)):
        hospital.add(f"liar-{number}", Role.WORKER)
    with hospital.open():
        aside(work)
        with pytest.raises(ProverQueueError, match="no worker proved") as caught:
            hospital.prover()(circuit, inputs, DEADLINE)
    assert all(said in str(caught.value) for said in bad_proofs)
    assert list((hospital.folder("queue").jobs).iterdir()) == []


def test_a_worker_whose_proof_was_not_taken_does_not_get_the_job_again(
    running: SmallHospital,
    circuit: BuiltCircuit,
    inputs: "Inputs",
    other_proof: bytes,
    aside: Aside,
) -> None:
    answers: list[int] = []

    def work() -> None:
        answer(running, other_proof, "worker")
        answers.append(running.connection("worker").ask("POST", "/v1/leases?wait=2").status)

    aside(work)
    with pytest.raises(DeadlineError, match="about another data: nothing was sent"):
        running.prover()(circuit, inputs, 8.0)
    wait_for(lambda: bool(answers))
    assert answers == [204]


def test_a_queue_that_brings_such_proofs_without_end_ends_it(
    running: SmallHospital,
    circuit: BuiltCircuit,
    inputs: "Inputs",
    other_proof: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = JobState(state="proven", proof=other_proof.hex())
    monkeypatch.setattr(proof_queue.ProofQueue, "state", lambda *_: state)
    with pytest.raises(ReturnedProofError, match="about another data: nothing was sent"):
        running.prover()(circuit, inputs, DEADLINE)
    assert list((running.folder("queue").jobs).iterdir()) == []


@pytest.mark.parametrize("junk", [b"\1", b"\1" * 2_000])
def test_a_queue_that_brings_what_is_no_proof_is_asked_again_later(
    running: SmallHospital,
    circuit: BuiltCircuit,
    inputs: "Inputs",
    monkeypatch: pytest.MonkeyPatch,
    junk: bytes,
) -> None:
    """What it brings is the queue's fault, and ends no node."""
    state = JobState(state="proven", proof=junk.hex())
    monkeypatch.setattr(proof_queue.ProofQueue, "state", lambda *_: state)
    with pytest.raises(ReturnedProofError, match=f"the proof has {len(junk)} bytes"):
        running.prover()(circuit, inputs, DEADLINE)


def test_a_worker_whose_circuit_is_another_refuses_and_says_so(
    running: SmallHospital,
    circuit: BuiltCircuit,
    inputs: "Inputs",
    aside: Aside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proof_queue, "MOST_FAILURES", 1)
    manifest = circuit.manifest.model_copy(update={"statement": "another"})
    aside(lambda: running.worker().work(jobs=1))
    with pytest.raises(ProverQueueError, match="the node's " + manifest.manifest_hash().hex()):
        running.prover()(replace(circuit, manifest=manifest), inputs, DEADLINE)


def test_a_worker_that_fails_tells_nothing_of_the_witness(
    running: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof_queue, "MOST_FAILURES", 1)
    node = running.connection("node")
    order = order_of(circuit, {**inputs, "data": inputs["data"][:-1]})
    node.ask("PUT", JOB, order.model_dump_json().encode())
    assert running.worker().work(jobs=1) == 0
    state = parsed(JobState, node.ask("GET", JOB).body)
    assert state.reasons == ("the worker failed (FieldError)",)
    assert running.lines[-1] == f"{order.circuit}: {state.reasons[0]}"


def test_a_false_statement_never_leaves_the_node(
    hospital: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs"
) -> None:
    # no queue listens: whoever asked it would raise another error
    hospital.port = 1
    wrong = {**inputs, "public": [inputs["public"][0] + 1, inputs["public"][1]]}
    with pytest.raises(StatementError):
        hospital.prover()(circuit, wrong, DEADLINE)


def test_without_a_worker_the_deadline_ends_it_and_the_job_is_deleted(
    running: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs"
) -> None:
    with pytest.raises(DeadlineError, match=r"no worker refused it\): is zkfl prover work running"):
        running.prover()(circuit, inputs, 1.0)
    assert list(running.folder("queue").jobs.iterdir()) == []


def test_at_the_deadline_the_node_says_why_the_only_worker_refused(
    running: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs", aside: Aside
) -> None:
    def refuse() -> None:
        connection = running.connection("worker")
        task = parsed(Task, connection.ask("POST", "/v1/leases?wait=20").body)
        body = b'{"reason": "another \\u001b[2J circuit"}'
        connection.ask("POST", f"/v1/leases/{task.lease}/refusal", body)

    aside(refuse)
    with pytest.raises(DeadlineError, match=r"after 8 s \(another \\u\{1b\}\[2J circuit\)"):
        running.prover()(circuit, inputs, 8.0)


def test_a_proof_that_nobody_wants_is_given_up(circuit: BuiltCircuit, inputs: "Inputs") -> None:
    with pytest.raises(UnwantedProofError, match="nobody waits"):
        prove(circuit, inputs, DEADLINE, unwanted=lambda: True)


def test_a_worker_gives_up_what_the_node_cancelled(
    hospital: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs"
) -> None:
    def cancelling(name: str) -> BuiltCircuit:
        assert name == circuit.definition.name
        node.ask("DELETE", JOB)
        return circuit

    with hospital.open(lease_seconds=1):
        node = hospital.connection("node")
        node.ask("PUT", JOB, order_of(circuit, inputs).model_dump_json().encode())
        assert replace(hospital.worker(), build=cancelling).work(jobs=1) == 0
    assert any(said in hospital.lines[-1] for said in ("nobody waits for it", "proven too late"))
    assert not any(hospital.folder("worker").scratch.rglob("*.json"))


@pytest.mark.timeout(180)
def test_the_job_of_a_killed_worker_is_proven_by_another(
    hospital: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs", aside: Aside
) -> None:
    killed = hospital.add("killed", Role.WORKER)
    proofs: list[Proof] = []
    with hospital.open(lease_seconds=5):
        words = ["prover", "work", str(killed.root), "--server", hospital.url]
        process = subprocess.Popen([sys.executable, "-c", ZKFL, *words], stderr=subprocess.DEVNULL)
        aside(lambda: proofs.append(hospital.prover()(circuit, inputs, DEADLINE)))
        try:
            wait_for(lambda: any(killed.scratch.rglob("witness.json")))
        finally:
            process.kill()
            process.wait()
        assert hospital.worker().work(jobs=1) == 1
        wait_for(lambda: bool(proofs))
    assert valid_proofs(circuit, [proofs[0].data]) == [True]
    # what the killed one left in the clear is deleted by its next start
    assert any(killed.scratch.rglob("witness.json"))
    fresh = fresh_scratch(killed.scratch)
    assert list(killed.scratch.iterdir()) == [fresh]


@pytest.mark.timeout(180)
def test_a_worker_that_is_told_to_end_gives_its_job_back_and_leaves_nothing(
    running: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs"
) -> None:
    node, worker = running.connection("node"), running.folder("worker")
    node.ask("PUT", JOB, order_of(circuit, inputs).model_dump_json().encode())
    words = ["prover", "work", str(worker.root), "--server", running.url]
    process = subprocess.Popen([sys.executable, "-c", ZKFL, *words], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: any(worker.scratch.rglob("witness.json")))
    finally:
        process.terminate()
        assert process.wait() == ExitCode.INTERRUPTED
    assert not any(worker.scratch.rglob("*.json"))
    state = parsed(JobState, node.ask("GET", JOB).body)
    assert (state.state, state.reasons) == ("waiting", ())


@pytest.mark.timeout(180)
def test_a_queue_that_restarts_goes_on_with_its_jobs(
    hospital: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs", aside: Aside
) -> None:
    proofs: list[Proof] = []
    with hospital.open():
        aside(lambda: proofs.append(hospital.prover()(circuit, inputs, DEADLINE)))
        # a worker that holds the job when the queue stops
        hospital.connection("worker").ask("POST", "/v1/leases?wait=20")
    with hospital.open():
        assert hospital.worker().work(jobs=1) == 1
        wait_for(lambda: bool(proofs))
    assert valid_proofs(circuit, [proofs[0].data]) == [True]


def order_of(circuit: BuiltCircuit, inputs: "Inputs") -> Order:
    return Order(
        circuit=circuit.definition.name,
        manifest_hash=circuit.manifest.manifest_hash().hex(),
        seconds=DEADLINE,
        inputs=pack_inputs(inputs),
    )


def wait_for(happened: Callable[[], bool]) -> None:
    while not happened():
        time.sleep(0.005)
