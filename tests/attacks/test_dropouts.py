"""Hospitals that drop out: the round goes on with the others, on the proofs they made."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.chain.states import FailureReason, RoundStatus
from zkfl.node.errors import HospitalError

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]
HASH = bytes([7]) * 32


@pytest.fixture
def second_attempt(arena: "Arena") -> "Arena":
    """Everyone has submitted, but the masks had to be made again: attempt 2 over all three."""
    arena.submit_all(but="cay")
    honest = arena.pair_commitments("cay")
    wrong = arena.committer.commit([1])
    mask = arena.sum_of([wrong, honest[1]])
    arena.send("cay", arena.honest_proof("cay"), mask=mask)
    arena.coordinator.close_round(1)
    arena.split_otherwise("cay", [wrong, honest[1]])
    for name in ("ada", "bay"):
        arena.nodes[name].split_mask(1)
    assert arena.chain.round(1).attempt == 2
    return arena


def test_too_few_are_left(arena: "Arena") -> None:
    arena.submit_all(but="cay")
    arena.push()
    arena.require_failed(FailureReason.TOO_FEW_SUBMISSIONS)
    [event] = arena.chain.events(names=["StepMissed"])
    assert (event.values["status"], event.values["role"]) == (RoundStatus.OPEN, bytes(32))


def test_the_mask_is_fresh_and_the_proof_is_not(second_attempt: "Arena") -> None:
    arena = second_attempt
    for node in arena.nodes.values():
        before = arena.chain.participation(1, node.address)
        node.remask(1)
        after = arena.chain.participation(1, node.address)
        assert before.proven
        assert not before.submitted
        assert after.update == before.update
        assert (after.weight, after.share) == (before.weight, before.share) != (0, 0)
        assert after.mask != before.mask
        assert after.ciphertext_hash != before.ciphertext_hash
        assert node.remask(1) is None
    openings = [arena.chain.shard_of(node.address, 0).openings for node in arena.nodes.values()]
    assert max(openings) == 2  # the admission and one training proof


def test_no_proof_in_a_further_attempt(second_attempt: "Arena", refused: Refused) -> None:
    with refused("WrongAttempt") as error:
        second_attempt.send("ada", second_attempt.honest_proof("ada"))
    assert error.values == {"roundId": 1, "attempt": 1, "current": 2}


@pytest.mark.parametrize("attempt", [0, 1, 3])
def test_a_mask_for_another_attempt(
    attempt: int, second_attempt: "Arena", refused: Refused
) -> None:
    registry = second_attempt.nodes["ada"].registry
    with refused("WrongAttempt"):
        registry.remask_update(1, attempt, second_attempt.committer.zero, HASH)


def test_an_outsider_masks_nothing(second_attempt: "Arena", refused: Refused) -> None:
    with refused("NotInCohort"):
        second_attempt.outsider().remask_update(1, 2, second_attempt.committer.zero, HASH)


def test_a_second_mask_in_one_attempt(second_attempt: "Arena", refused: Refused) -> None:
    second_attempt.nodes["ada"].remask(1)
    with refused("AlreadySubmitted"):
        second_attempt.nodes["ada"].registry.remask_update(
            1, 2, second_attempt.committer.zero, HASH
        )


def test_a_mask_before_there_is_a_proof(arena: "Arena", refused: Refused) -> None:
    with refused("WrongAttempt"):
        arena.nodes["ada"].registry.remask_update(1, 2, arena.committer.zero, HASH)
    with pytest.raises(HospitalError, match="first attempt: train instead"):
        arena.nodes["ada"].remask(1)


def test_an_update_that_was_lost_is_not_masked(second_attempt: "Arena") -> None:
    """Another update under the mask of the accepted one would spoil the sum."""
    node = second_attempt.nodes["ada"]
    (node.home.round(1) / "update.vector").unlink()
    with pytest.raises(HospitalError, match="is not in its folder any more"):
        node.remask(1)


def test_a_closed_round_never_reopens(second_attempt: "Arena", refused: Refused) -> None:
    """A sum that may have been opened must not be followed by one over nearly the same updates."""
    arena = second_attempt
    for node in arena.nodes.values():
        node.remask(1)
    arena.coordinator.close_round(1)
    for status in (RoundStatus.REVEALING, RoundStatus.FAILED):
        arena.push()
        assert arena.chain.round(1).status is status
        with refused("WrongRoundStatus"):
            arena.nodes["ada"].registry.remask_update(1, 2, arena.committer.zero, HASH)
    with refused("WrongRoundStatus"):
        arena.push()
