"""The aggregator publishes the one model that opens the contract's commitment."""

from typing import TYPE_CHECKING

import pytest

from zkfl.commitments import Committer
from zkfl.field import SCALAR_MODULUS
from zkfl.next_model import SumDoesNotOpenError, next_model

if TYPE_CHECKING:
    from conftest import ClosedRound


def test_the_opened_sum_gives_the_committed_model(
    closed: "ClosedRound", committer: Committer
) -> None:
    opened = next_model(closed.model, closed.total, committer, closed.new_commitment)
    assert committer.commit(opened) == closed.new_commitment
    pairs = zip(closed.model, closed.total, strict=True)
    assert opened == [(g + s) % SCALAR_MODULUS for g, s in pairs]


@pytest.mark.parametrize("place", [0, -1])
def test_refuses_a_sum_that_is_off_by_one(
    closed: "ClosedRound",
    committer: Committer,
    place: int,
) -> None:
    total = list(closed.total)
    total[place] = (total[place] + 1) % SCALAR_MODULUS
    with pytest.raises(SumDoesNotOpenError, match="nothing is published"):
        next_model(closed.model, total, committer, closed.new_commitment)


def test_refuses_another_model_before(closed: "ClosedRound", committer: Committer) -> None:
    with pytest.raises(SumDoesNotOpenError):
        next_model([0] * len(closed.model), closed.total, committer, closed.new_commitment)


def test_refuses_a_masked_update_in_place_of_the_sum(
    closed: "ClosedRound", committer: Committer
) -> None:
    with pytest.raises(SumDoesNotOpenError):
        next_model(closed.model, closed.masked[0], committer, closed.new_commitment)
