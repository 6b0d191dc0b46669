"""A round that did not end right is told from one that did."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from zkfl.chain.journal import Journal, PendingTransaction
from zkfl.drills.checkpoints import Checkpoints
from zkfl.drills.drilled_round import DrilledRound
from zkfl.drills.errors import DrillFailedError
from zkfl.drills.outcome import require_right
from zkfl.drills.small_consortium import HOSPITAL
from zkfl.node.home import NodeHome

STRANGER = "0x00000000000000000000000000000000000000aa"


@pytest.fixture
def final(checkpoints: Checkpoints, tmp_path: Path) -> Iterator[DrilledRound]:
    with DrilledRound.on(tmp_path / "drill").restored(checkpoints.path("final")) as drill:
        yield drill


def refusal(drill: DrilledRound, checkpoints: Checkpoints) -> str:
    with pytest.raises(DrillFailedError) as refused:
        require_right(drill, checkpoints.founded_at)
    return str(refused.value)


def test_an_undisturbed_round_is_right(final: DrilledRound, checkpoints: Checkpoints) -> None:
    assert require_right(final, checkpoints.founded_at) == checkpoints.outcome


def test_a_round_that_is_not_final_is_not_right(checkpoints: Checkpoints, tmp_path: Path) -> None:
    with DrilledRound.on(tmp_path / "drill").restored(checkpoints.path("published")) as drill:
        assert refusal(drill, checkpoints).startswith("status: ")


def test_one_more_transaction_is_noticed(final: DrilledRound, checkpoints: Checkpoints) -> None:
    final.chain.control("anvil_setBalance", STRANGER, hex(10**18))
    final.chain.control("anvil_impersonateAccount", STRANGER)
    final.chain.control("eth_sendTransaction", {"from": STRANGER, "to": STRANGER})
    assert refusal(final, checkpoints) == "transactions: 15, expected 14"


def test_an_event_before_the_drill_does_not_count(
    final: DrilledRound, checkpoints: Checkpoints
) -> None:
    later = final.registry().client.block_number()
    with pytest.raises(DrillFailedError, match=r"events: \{\} too many"):
        require_right(final, later)
    require_right(final, checkpoints.founded_at)


def test_a_changed_update_is_noticed(final: DrilledRound, checkpoints: Checkpoints) -> None:
    path = final.workspace.site(HOSPITAL) / "state" / "rounds" / "1" / "update.vector"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert refusal(final, checkpoints) == "bay holds another update than the chain"


def test_an_opening_that_only_the_node_counted_is_noticed(
    final: DrilledRound, checkpoints: Checkpoints
) -> None:
    path = final.workspace.site(HOSPITAL) / "state" / "shards" / "0" / "openings.json"
    path.write_text(path.read_text().replace('"openings":2,', '"openings":3,'))
    assert refusal(final, checkpoints).startswith("bay counts other openings than the chain")


def test_a_witness_that_was_left_behind_is_noticed(
    final: DrilledRound, checkpoints: Checkpoints
) -> None:
    path = final.workspace.site(HOSPITAL) / "state" / "scratch" / "run-1" / "witness.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    assert refusal(final, checkpoints).startswith("witnesses in the clear")


@pytest.mark.parametrize("mined", [True, False])
def test_a_journalled_transaction_is_noticed_unless_it_is_mined(
    final: DrilledRound, checkpoints: Checkpoints, *, mined: bool
) -> None:
    [event] = final.registry().events(names=["RoundFinalized"])
    tx_hash = event.tx_hash if mined else "0x" + "ab" * 32
    pending = PendingTransaction(request=tx_hash, tx_hash=tx_hash, raw="0xab", nonce=0, gas=1)
    journal = Journal(NodeHome(final.workspace.site(HOSPITAL)).transactions, 1, b"12345678", "0x")
    journal.record(pending)
    if mined:
        require_right(final, checkpoints.founded_at)
    else:
        assert refusal(final, checkpoints).startswith("transactions in flight")
