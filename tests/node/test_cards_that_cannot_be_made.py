"""A card whose lineage does not add up holds no round up: the aggregator warns, and tries later."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.aggregator.card_turns import CardTurns
from zkfl.aggregator.turns import AggregatorTurns
from zkfl.chain.states import UNSTATED
from zkfl.signed_history import LineageError

if TYPE_CHECKING:
    from conftest import Site

WHY = "the creation: the endpoint has no transaction 0x12"


@pytest.fixture
def site(
    committed: "Site", borrow: Callable[["Site", Path], Iterator["Site"]], tmp_path: Path
) -> Iterator["Site"]:
    """A final round without a card."""
    for site in borrow(committed, tmp_path):
        registry = site.coordinator().registry
        assert registry.model_card_of(registry.final_round()) == UNSTATED
        yield site


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """An endpoint that leaves something out; one entry each time it is asked for all."""
    tries: list[None] = []

    def refuse(*_: object) -> None:
        tries.append(None)
        raise LineageError(WHY)

    monkeypatch.setattr("zkfl.aggregator.coordinator.rebuild", refuse)
    return tries


def test_the_next_round_opens_and_the_operator_is_told(site: "Site", tries: list[None]) -> None:
    office = AggregatorTurns(site.coordinator(), final_rounds=2, least_members=3)
    turn = office.take()
    warning = f"the model card of round 1 cannot be made: {WHY}"
    assert (turn.done, turn.warning) == (("round 2 opened",), warning)
    assert turn.waits_for.endswith(f" to submit to round 2; and for its operator: {warning}")
    assert office.take().warning == warning
    assert len(tries) == 1


def test_a_last_round_without_a_card_is_not_the_end(site: "Site", tries: list[None]) -> None:
    office = AggregatorTurns(site.coordinator(), final_rounds=1, least_members=3)
    turn = office.take()
    assert turn.waits_for.startswith("nothing: 1 rounds are final; and for its operator: the model")
    assert not office.is_finished()
    assert len(tries) == 1


def test_it_is_tried_again_and_seldom(
    site: "Site", tries: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    cards = CardTurns(site.coordinator(), lambda: now[0])
    for seconds in (0.0, 599.0):
        now[0] = seconds
        assert cards.publish() is None
    assert len(tries) == 1
    monkeypatch.undo()
    now[0] = 601.0
    published = cards.publish()
    assert published is not None
    assert published.taken == "model card published (round 1)"
    assert not cards.is_owed()
    assert cards.publish() is None
