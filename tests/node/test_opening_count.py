"""The node counts every proof over a shard that could have left it, and stops in time."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.errors import RpcError
from zkfl.chain.sender import TransactionSender
from zkfl.node.home import NodeHome
from zkfl.node.opening_count import (
    BlindersSpentError,
    OpeningCount,
    OpeningCountError,
    start_count,
)
from zkfl.zk_circuits.instances import TINY

if TYPE_CHECKING:
    from conftest import Site


@pytest.fixture
def home(tmp_path: Path) -> NodeHome:
    home = NodeHome.create(tmp_path / "node")
    start_count(home, 0)
    return home


def counter(home: NodeHome, shard: int = 0) -> Path:
    return home.shard(shard) / "openings.json"


def openings(home: NodeHome, shard: int = 0) -> int:
    return int(json.loads(counter(home, shard).read_text())["openings"])


def test_a_count_begins_with_the_admission_and_is_private(home: NodeHome) -> None:
    assert openings(home) == 1
    assert counter(home).stat().st_mode & 0o777 == 0o600


def test_each_proof_is_counted_once_however_often_it_is_sent(home: NodeHome) -> None:
    for proof in (b"first", b"first", b"second", b"second"):
        OpeningCount(home, 0, 10).record(proof, 1)
    assert openings(home) == 3


def test_the_limit_is_never_passed_but_a_resend_is_allowed(home: NodeHome) -> None:
    count = OpeningCount(home, 0, 3)
    count.record(b"first", 1)
    count.require_room(2)
    count.record(b"second", 2)
    count.record(b"second", 2)
    with pytest.raises(BlindersSpentError, match="opened by 3 proofs of at most 3"):
        count.record(b"third", 3)
    with pytest.raises(BlindersSpentError, match="could reveal its records"):
        count.require_room(3)
    assert openings(home) == 3


def test_a_count_behind_the_chain_is_an_old_copy(home: NodeHome) -> None:
    with pytest.raises(OpeningCountError, match="counts 1 proofs, the chain accepted 2"):
        OpeningCount(home, 0, 10).record(b"proof", 2)
    assert openings(home) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1",
        b"null",
        b"[" * 900,
        b'{"format":"zkfl.openings.v1","shard":0,"openings":0,"last_proof":""}',
        b'{"format":"zkfl.openings.v1","shard":0,"openings":-5,"last_proof":""}',
        b'{"format":"zkfl.openings.v1","shard":0,"openings":"2","last_proof":""}',
        b'{"format":"zkfl.openings.v1","shard":0,"openings":2,"last_proof":"00"}',
        b'{"format":"zkfl.openings.v1","shard":0,"openings":2,"last_proof":"","more":1}',
        b'{"format":"zkfl.openings.v2","shard":0,"openings":2,"last_proof":""}',
        b" " * 2000,
    ],
)
def test_a_damaged_count_lets_nothing_pass(home: NodeHome, content: bytes) -> None:
    counter(home).write_bytes(content)
    with pytest.raises(OpeningCountError, match=r"cannot be read .* Restore"):
        OpeningCount(home, 0, 10).record(b"proof", 1)
    assert counter(home).read_bytes() == content


def test_a_missing_open_or_exchanged_count_lets_nothing_pass(home: NodeHome) -> None:
    start_count(home, 1)
    counter(home).write_bytes(counter(home, 1).read_bytes())
    with pytest.raises(OpeningCountError, match="counts for shard 1"):
        OpeningCount(home, 0, 10).require_room(1)
    counter(home).chmod(0o644)
    with pytest.raises(OpeningCountError, match="mode 0644"):
        OpeningCount(home, 0, 10).require_room(1)
    counter(home).unlink()
    with pytest.raises(OpeningCountError, match="No such file"):
        OpeningCount(home, 0, 10).require_room(1)


# --- in a node ---


def cut_off(*_: object) -> None:
    raise RpcError("cut off")


def test_a_submission_counts_as_the_chain_does(proven_site: "Site") -> None:
    home = proven_site.home("bay")
    assert openings(home) == 1, "a proof that stays at home opens nothing"
    node = proven_site.node("bay")
    node.submit(1)
    node.submit(1)
    assert openings(home) == node.registry.shard_of(node.address, 0).openings == 2


def test_a_proof_is_counted_before_it_is_sent(
    proven_site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def refuse(*_: object) -> None:
        seen.append(openings(proven_site.home("bay")))
        raise RpcError("cut off")

    monkeypatch.setattr(TransactionSender, "send", refuse)
    for _ in range(2):
        with pytest.raises(RpcError, match="cut off"):
            proven_site.node("bay").submit(1)
    assert seen == [2, 2], "the same proof twice is one opening"


def test_a_failed_round_counts_though_the_chain_does_not_know(
    proven_site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(TransactionSender, "send", cut_off)
        with pytest.raises(RpcError, match="cut off"):
            proven_site.node("bay").submit(1)
    proven_site.anvil.advance_time(proven_site.consortium.submission_window + 1)
    coordinator = proven_site.coordinator()
    coordinator.registry.push_round(1)
    assert coordinator.open_round()[0] == 2
    node = proven_site.node("bay")
    assert node.submit(2) is not None
    assert node.registry.shard_of(node.address, 0).openings == 2
    assert openings(proven_site.home("bay")) == 3


def test_a_node_whose_blinders_are_spent_neither_proves_nor_sends(site: "Site") -> None:
    path = counter(site.home("bay"))
    entry = json.loads(path.read_text()) | {"openings": TINY.max_openings}
    path.write_text(json.dumps(entry))
    sent, stored = site.sent("bay"), site.stored()
    for step in (site.node("bay").prove, site.node("bay").submit):
        with pytest.raises(BlindersSpentError, match=f"at most {TINY.max_openings}"):
            step(1)
    assert site.journal("bay").proof() is None
    assert (site.sent("bay"), site.stored()) == (sent, stored)


@pytest.mark.parametrize("damage", [b"{}", None])
def test_a_node_without_its_count_sends_nothing(proven_site: "Site", damage: bytes | None) -> None:
    path = counter(proven_site.home("bay"))
    path.unlink() if damage is None else path.write_bytes(damage)
    sent = proven_site.sent("bay")
    with pytest.raises(OpeningCountError, match="too many proofs could be sent"):
        proven_site.node("bay").submit(1)
    assert proven_site.sent("bay") == sent
