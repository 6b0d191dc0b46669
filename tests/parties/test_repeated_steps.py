"""A lying endpoint cannot have a step paid for again and again."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from zkfl.chain.errors import ContractRevertError, TransactionFailedError
from zkfl.chain.states import FailureReason, Round, RoundStatus
from zkfl.curve import G1Point
from zkfl.turns import Look, RepeatedStepError, StepCount, Turn

NOTHING, POINT = bytes(32), G1Point(1, 2)
STATE = Round(
    RoundStatus.OPEN,
    FailureReason.NONE,
    *(1, 3, 0, 0, 1_000, 0),
    NOTHING,
    *(POINT, POINT),
    *(NOTHING, NOTHING, NOTHING),
)
WAITING = Look(None, "others")


class Endpoint:
    """Shows one round; `moves` lets every look show another state."""

    def __init__(self, *, moves: bool = False) -> None:
        self._moves, self._looks = moves, 0

    def current_round(self) -> int:
        return 1

    def round(self, _: int) -> Round:
        self._looks += self._moves
        return replace(STATE, submissions=self._looks)


@pytest.fixture
def turn(turn_of: Callable[..., Turn]) -> Callable[..., Turn]:
    """Return what takes a turn at an endpoint; at one that stands still, where none is given."""
    return lambda *looks, endpoint=None, steps=None: turn_of(
        endpoint or Endpoint(), *looks, steps=steps
    )


def test_different_steps_follow_each_other(turn: Callable[..., Turn]) -> None:
    assert turn(Look("one"), Look("two"), WAITING).done == ("one", "two")


def test_a_step_that_is_asked_for_again_at_once_ends_the_turn(turn: Callable[..., Turn]) -> None:
    with pytest.raises(RepeatedStepError, match="shows 'one' undone although it was mined"):
        turn(Look("one"), Look("two"), Look("one"))


def test_a_step_that_is_asked_for_in_turn_after_turn(turn: Callable[..., Turn]) -> None:
    """Some undone blocks are gone along with, and not more."""
    steps = StepCount()
    for _ in range(4):
        assert turn(Look("one"), WAITING, steps=steps).done == ("one",)
    with pytest.raises(RepeatedStepError, match="although it was mined"):
        turn(Look("one"), steps=steps)
    assert turn(Look("two"), WAITING, steps=steps).done == ("two",)


def test_the_same_step_of_another_attempt_counts_anew() -> None:
    steps = StepCount()
    for attempt in range(9):
        state = replace(STATE, attempt=attempt)
        steps.taken("pushed", (1, state), anew=True)


def reverted() -> Exception:
    return ContractRevertError("WrongStatus", {}, "WrongStatus()")


def mined() -> Exception:
    return ContractRevertError("WrongStatus", {}, "WrongStatus()", "0x00")


def failed() -> Exception:
    return TransactionFailedError("it failed", "0x00")


@pytest.mark.parametrize("error", [reverted, mined, failed])
def test_a_chain_that_moves_on_at_every_look_is_waited_for(
    error: Callable[[], Exception], turn: Callable[..., Turn]
) -> None:
    moving = Endpoint(moves=True)
    ended = turn(Look("one"), *(error() for _ in range(4)), endpoint=moving)
    assert ended == Turn(("one",), "a chain that others do not move on meanwhile")
    again = turn(*(error() for _ in range(3)), WAITING, endpoint=moving)
    assert again.waits_for == "others"


@pytest.mark.parametrize("error", [mined, failed])
def test_transactions_that_fail_are_not_paid_for_without_end(
    error: Callable[[], Exception], turn: Callable[..., Turn]
) -> None:
    steps, moving = StepCount(), Endpoint(moves=True)
    for _ in range(2):
        turn(*(error() for _ in range(4)), endpoint=moving, steps=steps)
    with pytest.raises(RepeatedStepError, match="9 transactions of round 1 were mined and failed"):
        turn(error(), endpoint=moving, steps=steps)
