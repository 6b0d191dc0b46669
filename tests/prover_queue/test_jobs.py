"""What the queue does with jobs, hour by hour and over restarts; the clock is the test's."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from zkfl.prover_queue import proof_queue
from zkfl.prover_queue.errors import ProverFolderError, QueueRefusedError
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.messages import MOST_FAILURES, Order, Rejection, Task
from zkfl.prover_queue.proof_queue import MOST_JOBS, SHARE_ALONE, ProofQueue

NODE, OTHER_NODE, WORKER, OTHER_WORKER = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
JOB, NEXT_JOB = "1" * 32, "2" * 32
LEASE = 60.0
SECRET = "5ec7e7" * 8
ORDER = Order(
    circuit="admission-tiny", manifest_hash="0" * 64, seconds=600, inputs={"data": SECRET}
)


@dataclass
class Bench:
    """A queue whose clock stands still until it is moved."""

    folder: ProverFolder
    now: float = 1_000_000.0

    def __post_init__(self) -> None:
        self.queue = self.opened()

    def opened(self) -> ProofQueue:
        return ProofQueue(self.folder, LEASE, lambda: self.now)

    def restart(self) -> None:
        self.queue.close()
        self.queue = self.opened()

    def taken(self, worker: str = WORKER) -> Task:
        task = self.queue.take(worker)
        assert task is not None
        return task

    def holding(self, needle: str) -> list[Path]:
        files = [path for path in self.folder.root.rglob("*") if path.is_file()]
        return [path for path in files if needle.encode() in path.read_bytes()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(ProverFolder.create(tmp_path / "queue"))
    yield made
    with suppress(AttributeError):
        # some tests have closed it
        made.queue.close()


def refused(act: Callable[[], object], status: int) -> str:
    with pytest.raises(QueueRefusedError) as caught:
        act()
    assert caught.value.status == status
    return str(caught.value)


def test_jobs_are_handed_out_once_in_their_order(bench: Bench) -> None:
    for number, job in enumerate((JOB, NEXT_JOB)):
        bench.queue.add(job, NODE, ORDER.model_copy(update={"circuit": f"circuit-{number}"}))
    assert bench.taken(WORKER).order.circuit == "circuit-0"
    assert bench.taken(OTHER_WORKER).order.circuit == "circuit-1"
    assert bench.queue.take(WORKER) is None


def test_an_order_that_is_repeated_is_one_job(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.queue.add(JOB, NODE, ORDER)
    bench.taken()
    assert bench.queue.take(OTHER_WORKER) is None


def test_the_worker_is_told_how_long_the_node_still_waits(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.now += 100
    assert bench.taken().order.seconds == 500


def test_a_proof_ends_the_job_for_workers(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    task = bench.taken()
    assert bench.queue.state(JOB, NODE).state == "proving"
    bench.queue.deliver(task.lease, WORKER, b"proof")
    state = bench.queue.state(JOB, NODE)
    assert (state.state, state.proof) == ("proven", b"proof".hex())
    assert bench.queue.take(OTHER_WORKER) is None
    bench.queue.cancel(JOB, NODE)
    assert bench.holding(SECRET) == []


def rejected(proof: bytes) -> Rejection:
    return Rejection(proof=hashlib.sha256(proof).hexdigest(), reason="none")


@pytest.mark.parametrize("restarted", [False, True])
def test_a_proof_that_the_node_does_not_take_sends_the_job_to_another_worker(
    bench: Bench, *, restarted: bool
) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.queue.deliver(bench.taken().lease, WORKER, b"junk")
    bench.queue.reject(JOB, NODE, rejected(b"junk"))
    if restarted:
        bench.restart()
    state = bench.queue.state(JOB, NODE)
    assert (state.state, state.proof, state.reasons) == ("waiting", None, ("none",))
    assert bench.queue.take(WORKER) is None
    task = bench.taken(OTHER_WORKER)
    assert task.order.inputs == ORDER.inputs
    bench.queue.deliver(task.lease, OTHER_WORKER, b"proof")
    assert bench.queue.state(JOB, NODE).proof == b"proof".hex()


def test_a_rejection_that_is_repeated_hits_no_other_proof(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    for _ in range(2):
        # no proof yet
        bench.queue.reject(JOB, NODE, rejected(b"junk"))
    bench.queue.deliver(bench.taken().lease, WORKER, b"junk")
    for _ in range(MOST_FAILURES):
        bench.queue.reject(JOB, NODE, rejected(b"junk"))
    task = bench.taken(OTHER_WORKER)
    assert bench.queue.take("e" * 64) is None
    bench.queue.deliver(task.lease, OTHER_WORKER, b"proof")
    bench.queue.reject(JOB, NODE, rejected(b"junk"))
    state = bench.queue.state(JOB, NODE)
    assert (state.state, state.reasons) == ("proven", ("none",))


def test_a_job_is_given_up_once_the_proofs_of_three_workers_are_not_taken(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    for number in range(MOST_FAILURES):
        worker, junk = f"{number}" * 64, b"%d" % number
        bench.queue.deliver(bench.taken(worker).lease, worker, junk)
        assert bench.holding(SECRET) != []
        bench.queue.reject(JOB, NODE, rejected(junk))
    assert bench.queue.state(JOB, NODE).state == "failed"
    assert bench.holding(SECRET) == []
    assert bench.queue.take(OTHER_WORKER) is None


def test_a_rejection_cut_short_is_repeated_or_found_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    bench.queue.add(JOB, NODE, ORDER)
    bench.queue.deliver(bench.taken().lease, WORKER, b"junk")
    for name in ("JobFiles.forget_proof", "Tickets.add"):
        monkeypatch.setattr(f"zkfl.prover_queue.proof_queue.{name}", stop)
        with pytest.raises(KeyboardInterrupt):
            bench.queue.reject(JOB, NODE, rejected(b"junk"))
        monkeypatch.undo()
    bench.restart()
    assert bench.queue.state(JOB, NODE).reasons == ("none",)
    assert bench.queue.take(WORKER) is None
    assert bench.taken(OTHER_WORKER).order.inputs == ORDER.inputs


def test_the_database_of_the_queue_never_holds_a_witness(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.taken()
    assert [path.name for path in bench.holding(SECRET)] == ["order.json"]
    for path in bench.folder.root.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or bench.folder.jobs in path.parents


def test_a_silent_worker_loses_its_job_to_another(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    task = bench.taken()
    bench.now += LEASE - 1
    bench.queue.keep(task.lease, WORKER)
    bench.now += LEASE - 1
    assert bench.queue.take(OTHER_WORKER) is None
    bench.now += 1
    assert bench.taken(OTHER_WORKER).order.inputs == ORDER.inputs
    for late in (
        lambda: bench.queue.deliver(task.lease, WORKER, b"late"),
        lambda: bench.queue.keep(task.lease, WORKER),
        lambda: bench.queue.refuse(task.lease, WORKER, "late"),
    ):
        assert "not yours any more" in refused(late, 410)


def test_a_worker_that_died_and_came_back_gets_the_job_again(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.taken()
    bench.now += LEASE
    assert bench.taken().order.inputs == ORDER.inputs


def test_a_worker_that_stops_gives_its_job_back_at_once(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.queue.give_back(bench.taken().lease, WORKER)
    assert bench.queue.state(JOB, NODE).reasons == ()
    assert bench.taken().order.inputs == ORDER.inputs


def test_a_lease_is_worth_nothing_to_another_worker(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    lease = bench.taken().lease
    refused(lambda: bench.queue.deliver(lease, OTHER_WORKER, b"proof"), 410)
    assert bench.queue.state(JOB, NODE).state == "proving"


def test_a_worker_that_cannot_is_not_asked_again_and_others_are(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.queue.add(NEXT_JOB, NODE, ORDER)
    bench.queue.refuse(bench.taken().lease, WORKER, "another circuit")
    assert bench.queue.state(JOB, NODE).reasons == ("another circuit",)
    bench.queue.refuse(bench.taken().lease, WORKER, "another circuit")
    assert bench.queue.take(WORKER) is None
    assert bench.taken(OTHER_WORKER) is not None
    assert bench.queue.state(JOB, NODE).state == "proving"


def test_a_job_that_nobody_can_prove_is_given_up_and_its_inputs_deleted(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    for number in range(MOST_FAILURES):
        worker = f"{number}" * 64
        bench.queue.refuse(bench.taken(worker).lease, worker, f"reason {number}")
    state = bench.queue.state(JOB, NODE)
    assert (state.state, len(state.reasons)) == ("failed", MOST_FAILURES)
    assert bench.holding(SECRET) == []
    assert bench.queue.take(OTHER_WORKER) is None


def test_a_worker_that_fails_again_and_again_uses_up_no_other_workers_try(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    for _ in range(2 * MOST_FAILURES):
        bench.taken()
        bench.now += LEASE
    assert bench.taken(OTHER_WORKER).order.inputs == ORDER.inputs
    state = bench.queue.state(JOB, NODE)
    assert (state.state, len(state.reasons)) == ("proving", 1)


def test_a_worker_that_fell_silent_waits_while_others_ask(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.taken()
    bench.now += LEASE - 1
    assert bench.queue.take(OTHER_WORKER) is None
    bench.now += 1
    assert bench.queue.take(WORKER) is None
    bench.now += 60
    # the others are gone
    assert bench.taken(WORKER).order.inputs == ORDER.inputs


def test_a_job_that_kills_its_workers_is_given_up_too(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    for number in range(MOST_FAILURES):
        bench.taken(f"{number}" * 64)
        bench.now += LEASE
    bench.queue.sweep()
    assert bench.queue.state(JOB, NODE).state == "failed"
    assert bench.holding(SECRET) == []


@pytest.mark.parametrize("held", [False, True])
def test_a_cancelled_job_is_gone_for_everybody(bench: Bench, *, held: bool) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    lease = bench.taken().lease if held else None
    bench.queue.cancel(JOB, NODE)
    assert bench.holding(SECRET) == []
    refused(lambda: bench.queue.state(JOB, NODE), 404)
    assert bench.queue.take(OTHER_WORKER) is None
    if lease:
        refused(lambda: bench.queue.keep(lease, WORKER), 410)


@pytest.mark.parametrize("held", [False, True])
def test_a_job_ends_at_its_deadline(bench: Bench, *, held: bool) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    if held:
        bench.taken()
    bench.now += ORDER.seconds
    assert bench.queue.take(OTHER_WORKER) is None
    assert bench.holding(SECRET) == []
    refused(lambda: bench.queue.state(JOB, NODE), 404)


def test_a_deadline_passes_while_the_queue_is_stopped_too(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.queue.close()
    bench.now += ORDER.seconds
    bench.queue = bench.opened()
    assert bench.holding(SECRET) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda queue: queue.state(JOB, OTHER_NODE),
        lambda queue: queue.cancel(JOB, OTHER_NODE),
        lambda queue: queue.reject(JOB, OTHER_NODE, rejected(b"proof")),
        lambda queue: queue.add(JOB, OTHER_NODE, ORDER),
    ],
)
def test_a_node_knows_nothing_of_another_nodes_job(
    bench: Bench, act: Callable[[ProofQueue], object]
) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    assert "there is no job" in refused(lambda: act(bench.queue), 404)
    assert bench.queue.state(JOB, NODE).state == "waiting"


def test_a_full_queue_takes_no_more(bench: Bench) -> None:
    for number in range(MOST_JOBS):
        bench.queue.add(f"{number:032x}", NODE, ORDER)
    assert "try again later" in refused(lambda: bench.queue.add("f" * 32, NODE, ORDER), 503)


# --- a job that takes long ---


def held_for_long(bench: Bench) -> tuple[Task, Task]:
    """Let two workers share a job; return their tasks, in the order in which they got it."""
    bench.queue.add(JOB, NODE, ORDER)
    first = bench.taken()
    spent = ORDER.seconds * SHARE_ALONE
    while bench.now < 1_000_000 + spent:
        assert bench.queue.take(OTHER_WORKER) is None
        bench.now += LEASE / 2
        bench.queue.keep(first.lease, WORKER)
    return first, bench.taken(OTHER_WORKER)


def test_an_idle_worker_shares_a_job_that_another_has_had_for_long(bench: Bench) -> None:
    """Whoever holds a job and says that it still proves is slow, or unwilling."""
    first, second = held_for_long(bench)
    assert second.order.inputs == ORDER.inputs
    assert second.order.seconds == ORDER.seconds - 150
    assert bench.queue.counts().proving == 1
    # nobody gets it twice, and a third one has to wait as the second had to
    assert bench.queue.take(WORKER) is None
    assert bench.queue.take(OTHER_WORKER) is None
    assert bench.queue.take("e" * 64) is None
    bench.queue.deliver(second.lease, OTHER_WORKER, b"proof")
    assert bench.queue.state(JOB, NODE).proof == b"proof".hex()
    # until the node has taken it, the first one goes on
    bench.queue.keep(first.lease, WORKER)
    bench.queue.cancel(JOB, NODE)
    refused(lambda: bench.queue.keep(first.lease, WORKER), 410)


def test_a_job_that_waits_goes_before_one_that_is_shared(bench: Bench) -> None:
    held_for_long(bench)
    bench.queue.add(NEXT_JOB, NODE, ORDER.model_copy(update={"circuit": "next"}))
    assert bench.taken("e" * 64).order.circuit == "next"


def test_junk_for_a_shared_job_costs_the_others_nothing(bench: Bench) -> None:
    first, second = held_for_long(bench)
    bench.queue.deliver(second.lease, OTHER_WORKER, b"junk")
    bench.queue.reject(JOB, NODE, rejected(b"junk"))
    assert bench.queue.state(JOB, NODE).state == "proving"
    assert bench.queue.take(OTHER_WORKER) is None
    bench.queue.deliver(first.lease, WORKER, b"proof")
    assert bench.queue.state(JOB, NODE).proof == b"proof".hex()
    assert bench.queue.take("e" * 64) is None


def test_of_two_proofs_the_node_judges_the_first(bench: Bench) -> None:
    first, second = held_for_long(bench)
    bench.queue.deliver(first.lease, WORKER, b"proof")
    bench.queue.deliver(second.lease, OTHER_WORKER, b"junk")
    assert bench.queue.state(JOB, NODE).proof == b"proof".hex()
    bench.queue.reject(JOB, NODE, rejected(b"proof"))
    assert bench.taken(OTHER_WORKER).order.inputs == ORDER.inputs


@pytest.mark.parametrize("restarted", [False, True])
def test_a_shared_job_waits_again_only_when_all_have_let_it_go(
    bench: Bench, *, restarted: bool
) -> None:
    first, second = held_for_long(bench)
    bench.queue.give_back(second.lease, OTHER_WORKER)
    assert bench.queue.counts().waiting == 0
    bench.queue.refuse(first.lease, WORKER, "another circuit")
    if restarted:
        bench.restart()
    assert (bench.queue.counts().waiting, bench.queue.counts().proving) == (1, 0)
    assert bench.taken(OTHER_WORKER).order.inputs == ORDER.inputs


def test_a_shared_job_that_is_given_up_is_taken_from_all(bench: Bench) -> None:
    first, second = held_for_long(bench)
    bench.queue.refuse(second.lease, OTHER_WORKER, "another circuit")
    bench.now += LEASE / 2
    for number in range(MOST_FAILURES - 1):
        bench.queue.keep(first.lease, WORKER)
        worker = f"{number}" * 64
        bench.queue.refuse(bench.taken(worker).lease, worker, "another circuit")
    assert bench.queue.state(JOB, NODE).state == "failed"
    refused(lambda: bench.queue.keep(first.lease, WORKER), 410)
    assert bench.holding(SECRET) == []


# --- restarts ---


def test_what_waits_and_what_is_proven_outlasts_a_restart(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.queue.deliver(bench.taken().lease, WORKER, b"proof")
    bench.queue.add(NEXT_JOB, NODE, ORDER)
    bench.restart()
    assert bench.queue.state(JOB, NODE).proof == b"proof".hex()
    assert bench.taken().order.inputs == ORDER.inputs
    assert bench.queue.take(OTHER_WORKER) is None


def test_a_job_that_was_being_proven_is_handed_out_again_after_a_restart(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    before = bench.taken()
    bench.restart()
    refused(lambda: bench.queue.deliver(before.lease, WORKER, b"proof"), 410)
    assert bench.taken(OTHER_WORKER).order.inputs == ORDER.inputs


def test_a_job_whose_ticket_was_never_written_is_found_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(proof_queue.Tickets, "add", stop)
    with pytest.raises(KeyboardInterrupt):
        bench.queue.add(JOB, NODE, ORDER)
    monkeypatch.undo()
    bench.restart()
    assert bench.taken().order.inputs == ORDER.inputs


def test_an_order_that_was_cut_short_is_deleted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(proof_queue.JobFiles, "keep", stop)
    with pytest.raises(KeyboardInterrupt):
        bench.queue.add(JOB, NODE, ORDER)
    monkeypatch.undo()
    assert bench.holding(SECRET) != []
    bench.restart()
    assert bench.holding(SECRET) == []
    assert bench.queue.take(WORKER) is None


# --- folders ---


@pytest.mark.parametrize("name", ["jobs", "queue", "queue/tickets.db"])
def test_a_queue_that_others_can_read_is_not_opened(bench: Bench, name: str) -> None:
    bench.queue.close()
    path = bench.folder.root / name
    path.chmod(path.stat().st_mode | 0o040)
    with pytest.raises(ProverFolderError, match=f"{name} is open to others"):
        bench.opened()


def test_a_database_that_is_a_link_is_not_opened(bench: Bench, tmp_path: Path) -> None:
    bench.queue.close()
    database = bench.folder.queue / "tickets.db"
    database.rename(tmp_path / "elsewhere.db")
    database.symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(OSError, match="symbolic links"):
        bench.opened()


def test_a_queue_that_is_open_is_not_opened_again(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.taken()
    with pytest.raises(ProverFolderError, match="another zkfl prover serve"):
        bench.opened()
    assert bench.queue.take(OTHER_WORKER) is None


def test_a_damaged_database_is_refused_and_can_be_deleted(bench: Bench) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    bench.queue.close()
    for path in bench.folder.queue.iterdir():
        path.unlink()
    database = bench.folder.queue / "tickets.db"
    database.write_bytes(b"no database " * 1_000)
    database.chmod(0o600)
    with pytest.raises(ProverFolderError, match=r"is damaged .*: delete it"):
        bench.opened()
    database.unlink()
    bench.queue = bench.opened()
    assert bench.taken().order.inputs == ORDER.inputs


@pytest.mark.parametrize("name", ["order.json", "job.json"])
def test_a_damaged_job_does_not_hold_up_the_others(bench: Bench, name: str) -> None:
    bench.queue.add(JOB, NODE, ORDER)
    (bench.folder.jobs / JOB / name).write_bytes(b"{")
    bench.queue.add(NEXT_JOB, NODE, ORDER)
    assert bench.taken().order.inputs == ORDER.inputs
    assert bench.queue.state(NEXT_JOB, NODE).state == "proving"
