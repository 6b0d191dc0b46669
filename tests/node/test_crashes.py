"""A node that dies goes on where it stopped: the same secrets, and one submission."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.deployment import save_deployment
from zkfl.chain.sender import TransactionSender
from zkfl.node.home import NodeHome
from zkfl.node.opening_count import OpeningCount
from zkfl.node.round_journal import RoundJournal
from zkfl.node.shard_vault import ShardVault

if TYPE_CHECKING:
    from conftest import Site

TRAIN = "from zkfl.cli.app import main; main()"


class CrashError(BaseException):
    """Ends a node the way a power cut does: nothing may catch it."""


def crash_after(monkeypatch: pytest.MonkeyPatch, owner: type, method: str) -> None:
    """Let the node die when a method has done its work."""
    original = getattr(owner, method)

    def dying(*arguments: object, **named: object) -> None:
        original(*arguments, **named)
        raise CrashError

    monkeypatch.setattr(owner, method, dying)


def crash_before(monkeypatch: pytest.MonkeyPatch, owner: type, method: str) -> None:
    """Let the node die instead of calling a method."""

    def dying(*_: object, **__: object) -> None:
        raise CrashError

    monkeypatch.setattr(owner, method, dying)


def kept(site: "Site", name: str) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in site.home(name).round(1).iterdir()
        if not path.name.startswith(".") and path.name not in {"identity", "identity-1", "lock"}
    }


@contextmanager
def no_mining(site: "Site") -> Iterator[None]:
    site.anvil.control("evm_setAutomine", False)  # noqa: FBT003 (anvil's parameter)
    try:
        yield
    finally:
        site.anvil.control("evm_setAutomine", True)  # noqa: FBT003 (anvil's parameter)


@pytest.mark.parametrize(
    ("owner", "method", "written"),
    [
        (RoundJournal, "keep_vector", {"secrets.vector"}),
        (RoundJournal, "keep_proof", {"secrets.vector", "update.vector", "training.proof"}),
        (OpeningCount, "record", {"secrets.vector", "update.vector", "training.proof"}),
        (
            RoundJournal,
            "keep_submission",
            {"secrets.vector", "update.vector", "training.proof", "submission-1.json"},
        ),
    ],
    ids=["secrets", "proof", "count", "submission"],
)
def test_a_crash_after_a_step_loses_nothing_of_it(
    site: "Site", owner: type, method: str, written: set[str]
) -> None:
    before = site.sent("bay")
    with pytest.MonkeyPatch.context() as patch:
        crash_after(patch, owner, method)
        with pytest.raises(CrashError):
            site.node("bay").submit(1)
    left = kept(site, "bay")
    assert set(left) == written
    assert site.sent("bay") == before

    assert site.node("bay").submit(1) is not None
    assert left.items() <= kept(site, "bay").items()
    assert site.sent("bay") == before + 1
    assert opened(site, "bay") == 2


def test_a_crash_before_the_proof_is_kept_proves_the_same_update_again(site: "Site") -> None:
    with pytest.MonkeyPatch.context() as patch:
        crash_before(patch, RoundJournal, "keep_proof")
        with pytest.raises(CrashError):
            site.node("bay").submit(1)
    left = kept(site, "bay")
    assert set(left) == {"secrets.vector", "update.vector"}
    assert site.node("bay").submit(1) is not None
    assert left.items() <= kept(site, "bay").items()


def opened(site: "Site", name: str) -> int:
    """Return the proofs of the first shard, as node and chain count them alike."""
    openings = site.node(name).registry.shard_of(site.address(name), 0).openings
    counter = (site.home(name).shard(0) / "openings.json").read_text()
    assert f'"openings":{openings},' in counter
    return openings


def mine_when_waiting(patch: pytest.MonkeyPatch, site: "Site") -> None:
    """Mine as soon as the sender waits for a receipt, and not before."""
    wait = vars(TransactionSender)["_wait"]

    def mine_and_wait(*arguments: object) -> object:
        site.anvil.control("evm_mine")
        return wait(*arguments)

    patch.setattr(TransactionSender, "_wait", mine_and_wait)


@pytest.mark.parametrize("step", ["_first_broadcast", "_wait"])
def test_a_crash_around_the_broadcast_submits_once(site: "Site", step: str) -> None:
    """Signed but never sent, and sent but never seen mined: the same bytes go out again."""
    before = site.sent("bay")
    with no_mining(site):
        with pytest.MonkeyPatch.context() as patch:
            crash_before(patch, TransactionSender, step)
            with pytest.raises(CrashError):
                site.node("bay").submit(1)
        [journal] = site.home("bay").transactions.glob("*.json")
        signed = journal.read_text()
        assert site.sent("bay") == before + (step == "_wait")
        with pytest.MonkeyPatch.context() as patch:
            mine_when_waiting(patch, site)
            result = site.node("bay").submit(1)
    assert result is not None
    assert result.tx_hash in signed
    assert site.sent("bay") == before + 1
    assert opened(site, "bay") == 2


def test_a_submission_mined_while_the_node_was_down_is_recognised(site: "Site") -> None:
    with no_mining(site), pytest.MonkeyPatch.context() as patch:
        crash_before(patch, TransactionSender, "_wait")
        with pytest.raises(CrashError):
            site.node("bay").submit(1)
    site.anvil.control("evm_mine")
    sent = site.sent("bay")
    assert site.node("bay").submit(1) is None
    assert site.sent("bay") == sent
    assert opened(site, "bay") == 2


@pytest.mark.parametrize("name", ["data.vector", "openings.json"])
def test_a_crash_while_sealing_leaves_no_half_shard(site: "Site", name: str) -> None:
    folder = site.home("dee").shard(0)
    with pytest.MonkeyPatch.context() as patch:

        def write(path: Path, content: bytes, *_: object) -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o600)
            if path.name == name:
                raise CrashError

        for module in ("shard_vault", "opening_count"):
            patch.setattr(f"zkfl.node.{module}.write_atomically", write)
        with pytest.raises(CrashError):
            site.node("dee").seal()
    assert (folder / name).exists()
    assert len(site.node("dee").vault) == 0
    assert len(site.node("dee").seal()) == 2


def end_round(site: "Site") -> None:
    """Records are admitted between rounds only."""
    site.anvil.advance_time(site.consortium.submission_window + 1)
    site.coordinator().registry.push_round(1)


@pytest.mark.parametrize(
    ("owner", "method"),
    [
        (ShardVault, "keep_admission_proof"),
        (TransactionSender, "_first_broadcast"),
        (TransactionSender, "_wait"),
    ],
)
def test_an_admission_that_was_cut_short_sends_its_own_proof_again(
    site: "Site", owner: type, method: str
) -> None:
    end_round(site)
    with no_mining(site):
        with pytest.MonkeyPatch.context() as patch:
            (crash_after if owner is ShardVault else crash_before)(patch, owner, method)
            with pytest.raises(CrashError):
                site.node("dee").admit()
        proof = site.node("dee").vault.admission_proof(0)
        with pytest.MonkeyPatch.context() as patch:
            mine_when_waiting(patch, site)
            assert len(site.node("dee").admit()) == 2
    node = site.node("dee")
    assert node.vault.admission_proof(0) == proof
    assert node.registry.shard_count(node.address) == site.sent("dee") == 2
    assert [node.registry.shard_of(node.address, i).openings for i in (0, 1)] == [1, 1]


def start_training(site: "Site", name: str) -> subprocess.Popen[bytes]:
    command = ["train", str(site.workspace.root), "--site", name, "--rpc-url", site.anvil.url]
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def wait_for_witness(process: subprocess.Popen[bytes], home: NodeHome) -> None:
    while not any((home.root / "state" / "scratch").rglob("witness.json")):
        if process.poll() is not None:
            assert process.stderr is not None
            pytest.fail(f"the node ended before it began to prove: {process.stderr.read()!r}")
        time.sleep(0.005)


def require_no_prover(home: NodeHome) -> None:
    """Wait until no process has a path of the home in its arguments: the kernel ends it soon."""
    while any(str(home.root).encode() in arguments for arguments in running_commands()):
        time.sleep(0.005)


def running_commands() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_bytes()


@pytest.mark.timeout(120)
def test_a_node_killed_in_the_middle_of_a_proof_goes_on(site: "Site") -> None:
    save_deployment(site.workspace.deployment, site.deployment)
    before = site.sent("ada")
    process = start_training(site, "ada")
    assert process.stderr is not None
    try:
        wait_for_witness(process, site.home("ada"))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stderr.close()
    require_no_prover(site.home("ada"))
    left = kept(site, "ada")
    assert set(left) == {"secrets.vector"}
    assert site.sent("ada") == before

    assert site.node("ada").submit(1) is not None
    assert kept(site, "ada")["secrets.vector"] == left["secrets.vector"]
    assert site.sent("ada") == before + 1
    assert site.node("ada").submit(1) is None
    scratch = site.home("ada").root / "state" / "scratch"
    assert not any(scratch.rglob("*.json")), "a witness of the killed run is left in the clear"
