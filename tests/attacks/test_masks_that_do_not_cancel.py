"""Masks that do not cancel end the round with the reason, and the model stays."""

from typing import TYPE_CHECKING

from zkfl.chain.states import FailureReason
from zkfl.curve import subtract
from zkfl.field import random_elements

if TYPE_CHECKING:
    from conftest import Arena


def test_one_hospital_masks_at_random(arena: "Arena") -> None:
    arena.submit_all(but="cay")
    mask = arena.committer.commit(random_elements(arena.spec.model_length))
    arena.send("cay", arena.honest_proof("cay"), mask=mask)
    arena.coordinator.close_round(1)
    arena.require_failed(FailureReason.MASKS_DO_NOT_CANCEL)


def test_one_hospital_does_not_mask(arena: "Arena") -> None:
    arena.submit_all(but="bay")
    arena.send("bay", arena.honest_proof("bay"))
    arena.coordinator.close_round(1)
    arena.require_failed(FailureReason.MASKS_DO_NOT_CANCEL)


def test_the_last_to_submit_cancels_without_a_secret(arena: "Arena") -> None:
    """It can make the sum of points cancel, but holds no vector that opens its own point."""
    arena.submit_all(but="cay")
    zero, rest = arena.committer.zero, arena.committer.zero
    for name in ("ada", "bay"):
        mask = arena.chain.participation(1, arena.nodes[name].address).mask
        rest = subtract(rest, subtract(mask, zero))
    arena.send("cay", arena.honest_proof("cay"), mask=rest)
    arena.coordinator.close_round(1)
    arena.anvil.advance_time(3_601)
    arena.outsider().fail_round(1)
    arena.require_failed(FailureReason.MODEL_NOT_PUBLISHED)
