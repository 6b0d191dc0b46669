"""An update over the clip and noise over its bound are refused, though the proof is sound."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.curve import G1Point
from zkfl.field import to_field
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_model

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]

NOISE_BOUND = 1 << 23


@pytest.mark.parametrize(
    ("entry", "noise"),
    [(0, NOISE_BOUND + 1), (TINY.parameters - 1, -NOISE_BOUND - 1), (1, 1 << 26)],
)
def test_noise_over_the_bound(entry: int, noise: int, arena: "Arena", refused: Refused) -> None:
    secrets = arena.secrets("ada")
    secrets[entry] = to_field(noise)
    proof = arena.prove_training("ada", secrets=secrets)
    arena.router.require_valid(arena.chain.config().training_circuit, proof.data)
    with refused("ZeroCommitmentMismatch"):
        arena.send("ada", proof.data)


@pytest.mark.parametrize("weight", [24, -24])
def test_an_update_over_the_clip(weight: int, arena: "Arena", refused: Refused) -> None:
    """By the L2 term alone a weight w moves by w*lr*l2; a clip of 5 allows about 20."""
    model = pack_model(TINY, [weight << 49, 0, 0, 0])
    hold_model(arena, model)
    with refused("ZeroCommitmentMismatch"):
        arena.send("ada", arena.prove_training("ada", model=model).data)


def test_an_update_just_under_the_clip_is_taken(arena: "Arena") -> None:
    model = pack_model(TINY, [16 << 49, 0, 0, 0])
    hold_model(arena, model)
    arena.send("ada", arena.prove_training("ada", model=model).data)
    assert arena.chain.round(1).submissions == 1


def hold_model(arena: "Arena", model: list[int]) -> None:
    """Put a model on chain that honest rounds would reach only after a long time."""
    # The configuration holds U as well; the model comes after it.
    slot = arena.slots_of(arena.committer.zero)[-1]
    for offset, coordinate in enumerate(arena.committer.commit(model)):
        arena.set_word(slot + offset, coordinate)
    assert arena.chain.model() == G1Point(*arena.committer.commit(model))
    assert arena.chain.config().zero_commitment == arena.committer.zero
