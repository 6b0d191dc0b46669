"""A card that cannot be made holds no round up: the aggregator warns, and makes up for it later."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.aggregator import coordinator
from zkfl.aggregator.card_turns import CardOwedError, CardTurns
from zkfl.aggregator.turns import AggregatorTurns
from zkfl.chain.errors import RpcError, RpcRefusedError, RpcUnavailableError
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED
from zkfl.errors import ZkflError
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


def failing(
    monkeypatch: pytest.MonkeyPatch, error: ZkflError, times: int | None = None
) -> list[None]:
    """Let reading the history fail, so many times or for ever; one entry each time it is read."""
    tries, honest = list[None](), coordinator.rebuild

    def rebuild(registry: Registry) -> object:
        tries.append(None)
        if times is None or len(tries) <= times:
            raise error
        return honest(registry)

    monkeypatch.setattr("zkfl.aggregator.coordinator.rebuild", rebuild)
    return tries


@pytest.mark.parametrize("error", [RpcUnavailableError("away"), RpcError("half an answer")])
def test_a_question_that_was_left_open_is_asked_again_in_the_next_turn(
    site: "Site", monkeypatch: pytest.MonkeyPatch, error: RpcError
) -> None:
    """The next round is open meanwhile, and the card is published beside it."""
    tries = failing(monkeypatch, error, times=2)
    office = AggregatorTurns(site.coordinator(), final_rounds=2, least_members=3)
    first, second = office.take(), office.take()
    assert (first.done, second.done) == (("round 2 opened",), ("model card published (round 1)",))
    assert first.warning == f"the model card of round 1 is not made yet: {error}"
    assert second.warning == ""
    assert len(tries) == 3


def test_an_endpoint_that_refuses_old_logs_holds_no_round_up(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    error = RpcRefusedError("pruned history")
    tries = failing(monkeypatch, error)
    office = AggregatorTurns(site.coordinator(), final_rounds=2, least_members=3)
    assert office.take().done == ("round 2 opened",)
    for _ in range(4):
        turn = office.take()
    assert turn.warning == f"the model card of round 1 cannot be made: {error}"
    assert len(tries) == 3


def test_a_card_that_a_later_round_left_behind_is_made_up_for(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing(patch, LineageError(WHY))
        assert CardTurns(site.coordinator()).publish() is None
    assert site.run_round() == 2
    office = AggregatorTurns(site.coordinator(), final_rounds=2, least_members=3)
    assert not office.is_finished()
    turn = office.take()
    assert turn.done == ("model card published (round 1)", "model card published (round 2)")
    assert office.is_finished()
    registry = site.coordinator().registry
    assert UNSTATED not in {registry.model_card_of(number) for number in (1, 2)}


def test_cards_of_long_ago_are_not_looked_for(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Registry, "final_round", lambda _: 17)
    assert not CardTurns(site.coordinator()).is_owed()
    monkeypatch.setattr(Registry, "final_round", lambda _: 16)
    assert CardTurns(site.coordinator()).is_owed()


@pytest.mark.parametrize("error", [LineageError(WHY), RpcRefusedError("pruned history")])
def test_an_office_that_has_nothing_else_to_do_ends_after_the_last_try(
    site: "Site", monkeypatch: pytest.MonkeyPatch, error: ZkflError
) -> None:
    monkeypatch.setattr("zkfl.aggregator.card_turns._RETRY_SECONDS", 0.0)
    monkeypatch.setattr("zkfl.aggregator.card_turns._UNANSWERED", 1)
    tries = failing(monkeypatch, error)
    office = AggregatorTurns(site.coordinator(), final_rounds=1, least_members=3)
    for _ in range(2):
        assert office.take().warning == f"the model card of round 1 cannot be made: {error}"
        assert not office.is_finished()
    with pytest.raises(CardOwedError, match=r"cannot be made: .* This was tried 3 times"):
        office.take()
    assert len(tries) == 3


def test_an_office_that_goes_on_does_not_end_for_a_card(
    site: "Site", tries: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zkfl.aggregator.card_turns._RETRY_SECONDS", 0.0)
    office = AggregatorTurns(site.coordinator(), final_rounds=2, least_members=3)
    for _ in range(5):
        assert WHY in office.take().warning
    assert len(tries) >= 5
