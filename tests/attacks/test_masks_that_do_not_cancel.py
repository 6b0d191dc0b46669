"""Masks that do not cancel: who disagrees with whom comes out, and the round goes on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.chain.protocol import mask_cohort
from zkfl.chain.states import BlameReason, FailureReason, RoundStatus
from zkfl.curve import G1Point, add, subtract
from zkfl.field import random_elements
from zkfl.model_opening import open_model

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]


def masks_at_random(arena: "Arena", name: str) -> G1Point:
    arena.submit_all(but=name)
    mask = arena.committer.commit(random_elements(arena.spec.model_length))
    arena.send(name, arena.honest_proof(name), mask=mask)
    arena.coordinator.close_round(1)
    assert arena.chain.round(1).status is RoundStatus.DISPUTED
    return mask


def test_a_random_mask_names_its_maker(arena: "Arena") -> None:
    """The liar splits its mask as it likes; both others disagree with it, not with each other."""
    mask = masks_at_random(arena, "cay")
    for name in ("ada", "bay"):
        arena.nodes[name].split_mask(1)
    arena.split("cay", [mask, arena.committer.zero])
    arena.require_excluded("cay", reason=BlameReason.MASK_DISPUTED)
    arena.require_failed(FailureReason.TOO_FEW_AFTER_DISPUTE)


def test_a_lie_towards_one_peer_costs_the_pair_its_mask(arena: "Arena") -> None:
    """Nobody can tell which of the two lies, so neither is excluded; the round goes on."""
    arena.submit_all(but="cay")
    zero = arena.committer.zero
    extra = subtract(arena.committer.commit([1]), zero)
    honest = arena.committer.commit(arena.mask("cay"))
    arena.send("cay", arena.honest_proof("cay"), mask=add(honest, extra))
    arena.coordinator.close_round(1)
    towards = arena.pair_commitments("cay")
    ada, bay, cay = (arena.nodes[name].address for name in ("ada", "bay", "cay"))
    arena.split_otherwise("cay", [add(towards[0], extra), towards[1]])
    for name in ("ada", "bay"):
        arena.nodes[name].split_mask(1)
    arena.require_excluded(reason=BlameReason.NONE)
    assert arena.chain.unpaired(ada, cay)
    assert arena.chain.unpaired(cay, ada)
    assert not arena.chain.unpaired(bay, cay)
    state = arena.chain.round(1)
    assert (state.status, state.attempt) == (RoundStatus.OPEN, 2)

    for node in arena.nodes.values():
        node.remask(1)
    arena.coordinator.close_round(1)
    arena.coordinator.announce_sum(1)
    arena.nodes["ada"].open_sum(1)
    open_model(arena.outsider(), 1, arena.ground)
    arena.require_true_model()


def test_whoever_does_not_split_is_excluded(arena: "Arena") -> None:
    masks_at_random(arena, "cay")
    for name in ("ada", "bay"):
        arena.nodes[name].split_mask(1)
    arena.push()
    arena.require_excluded("cay", reason=BlameReason.MASK_NOT_SPLIT)
    arena.require_failed(FailureReason.TOO_FEW_AFTER_DISPUTE)


def test_one_hospital_does_not_mask(arena: "Arena") -> None:
    arena.submit_all(but="bay")
    arena.send("bay", arena.honest_proof("bay"))
    arena.coordinator.close_round(1)
    for node in arena.nodes.values():
        if node is not arena.nodes["bay"]:
            node.split_mask(1)
    zero = arena.committer.zero
    arena.split("bay", [zero, zero])
    arena.require_excluded("bay", reason=BlameReason.MASK_DISPUTED)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("another sum", "MaskSplitMismatch"),
        ("one more", "WrongPeerCount"),
        ("none", "WrongPeerCount"),
    ],
)
def test_a_split_that_is_none(change: str, error: str, arena: "Arena", refused: Refused) -> None:
    masks_at_random(arena, "cay")
    parts = arena.pair_commitments("ada")
    changed = {
        "another sum": [parts[0], parts[0]],
        "one more": [*parts, arena.committer.zero],
        "none": [],
    }
    with refused(error):
        arena.split("ada", changed[change])
    arena.split("ada", parts)
    with refused("AlreadyAnswered"):
        arena.split("ada", parts)


@pytest.mark.parametrize("change", ["attempt", "order", "mask key"])
def test_a_split_of_something_else(change: str, arena: "Arena", refused: Refused) -> None:
    masks_at_random(arena, "cay")
    keys = arena.round_masks("ada").keys
    first, *rest = keys.items()
    named = {
        "attempt": (2, mask_cohort(keys)),
        "order": (1, mask_cohort(dict([*rest, first]))),
        "mask key": (1, mask_cohort({**keys, first[0]: bytes(32)})),
    }
    registry, parts = arena.nodes["ada"].registry, arena.pair_commitments("ada")
    with refused("WrongAttempt" if change == "attempt" else "OtherCohort"):
        registry.split_mask(1, *named[change], parts)
    registry.split_mask(1, 1, mask_cohort(keys), parts)


def test_the_last_to_submit_cancels_without_a_secret(arena: "Arena") -> None:
    """It can make the sum of points cancel, but holds no vector that opens its own point."""
    arena.submit_all(but="cay")
    zero, rest = arena.committer.zero, arena.committer.zero
    for name in ("ada", "bay"):
        mask = arena.chain.participation(1, arena.nodes[name].address).mask
        rest = subtract(rest, subtract(mask, zero))
    arena.send("cay", arena.honest_proof("cay"), mask=rest)
    arena.coordinator.close_round(1)
    arena.push()
    for name in ("ada", "bay"):
        arena.nodes[name].reveal(1)
    arena.push()
    arena.require_excluded("cay", reason=BlameReason.UPDATE_NOT_REVEALED)
    arena.require_failed(FailureReason.UPDATES_NOT_REVEALED)
