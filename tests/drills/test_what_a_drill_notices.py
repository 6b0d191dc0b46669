"""A round that did not end right is told from one that did."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from zkfl.drills.checkpoints import Checkpoints
from zkfl.drills.drilled_round import DrilledRound
from zkfl.drills.errors import DrillFailedError
from zkfl.drills.outcome import require_right
from zkfl.drills.small_consortium import HOSPITAL

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
    assert refusal(final, checkpoints) == "transactions: 14, expected 13"


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


@pytest.mark.parametrize(
    ("left", "what"),
    [
        ("scratch/run-1/witness.json", "witnesses in the clear"),
        ("transactions/31337.json", "transactions in flight"),
    ],
)
def test_what_was_left_behind_is_noticed(
    final: DrilledRound, checkpoints: Checkpoints, left: str, what: str
) -> None:
    path = final.workspace.site(HOSPITAL) / "state" / left
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    assert refusal(final, checkpoints).startswith(what)
