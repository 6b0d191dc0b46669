"""A refused step ends a run only where neither time nor another party mends it."""

from types import SimpleNamespace
from typing import cast

import pytest

from zkfl.artifacts import ArtifactError
from zkfl.chain.registry import Registry
from zkfl.node.errors import HospitalError, OvertakenError, SitOutError
from zkfl.turns import Look, Refusals, Turn, take_turn

STATE = SimpleNamespace(attempt=1, status="OPEN")
CHAIN = SimpleNamespace(current_round=lambda: 1, round=lambda _: STATE)
REFUSALS = Refusals(of_operator=(SitOutError,), passing=(OvertakenError,))


def turn_of(*looks: Look | Exception) -> Turn:
    left = list(looks)

    def look() -> Look:
        seen = left.pop(0)
        if isinstance(seen, Exception):
            raise seen
        return seen

    ended = take_turn(cast("Registry", CHAIN), look, REFUSALS)
    assert not left
    return ended


def test_a_step_that_was_overtaken_is_looked_at_again() -> None:
    ended = turn_of(OvertakenError("round 1 is CLOSED"), Look("acknowledged"), Look(None, "others"))
    assert ended == Turn(("acknowledged",), "others")


def test_steps_that_are_overtaken_again_and_again_wait() -> None:
    ended = turn_of(Look("one"), *(OvertakenError("round 1 is CLOSED") for _ in range(4)))
    assert ended == Turn(("one",), "a chain that others do not move on meanwhile")


def test_what_others_and_what_the_operator_mend_is_said_apart() -> None:
    theirs, own = ArtifactError("a wrong file"), SitOutError("the update is lost")
    assert turn_of(theirs) == Turn((), "another party: a wrong file", warning="a wrong file")
    assert turn_of(own) == Turn((), "its operator: the update is lost", warning=str(own))


def test_what_nobody_else_mends_ends_the_run() -> None:
    with pytest.raises(HospitalError, match="shard 0 is not the one on chain"):
        turn_of(HospitalError("shard 0 is not the one on chain"))
