"""A refused step ends a run only where neither time nor another party mends it."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from zkfl.artifacts import ArtifactError
from zkfl.node.errors import HospitalError, OvertakenError, SitOutError
from zkfl.turns import Look, Refusals, Turn

STATE = SimpleNamespace(attempt=1, status="OPEN")
CHAIN = SimpleNamespace(current_round=lambda: 1, round=lambda _: STATE)
REFUSALS = Refusals(of_operator=(SitOutError,), passing=(OvertakenError,))


@pytest.fixture
def turn(turn_of: Callable[..., Turn]) -> Callable[..., Turn]:
    return lambda *looks: turn_of(CHAIN, *looks, refusals=REFUSALS)


def test_a_step_that_was_overtaken_is_looked_at_again(turn: Callable[..., Turn]) -> None:
    ended = turn(OvertakenError("round 1 is CLOSED"), Look("acknowledged"), Look(None, "others"))
    assert ended == Turn(("acknowledged",), "others")


def test_steps_that_are_overtaken_again_and_again_wait(turn: Callable[..., Turn]) -> None:
    ended = turn(Look("one"), *(OvertakenError("round 1 is CLOSED") for _ in range(4)))
    assert ended == Turn(("one",), "a chain that others do not move on meanwhile")


def test_what_others_and_what_the_operator_mend_is_said_apart(turn: Callable[..., Turn]) -> None:
    theirs, own = ArtifactError("a wrong file"), SitOutError("the update is lost")
    assert turn(theirs) == Turn((), "another party: a wrong file", warning="a wrong file")
    assert turn(own) == Turn((), "its operator: the update is lost", warning=str(own))


def test_what_nobody_else_mends_ends_the_run(turn: Callable[..., Turn]) -> None:
    with pytest.raises(HospitalError, match="shard 0 is not the one on chain"):
        turn(HospitalError("shard 0 is not the one on chain"))
