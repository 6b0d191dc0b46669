"""Values at the edges of ranges and around p/2: the last good one passes, no other does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.field import SCALAR_MODULUS, to_field
from zkfl.zk_circuits.ezkl_calls import EzklError
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import InvalidProofError, LookupRangeError

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]
NewShard = Callable[[int, int], list[int]]

BOUND = TINY.feature_integer
NOISE_BOUND = 1 << 23
HUGE = [
    SCALAR_MODULUS // 2,
    SCALAR_MODULUS // 2 + 1,
    1 << 64,
    1 << 127,
    -(1 << 127),
    1 << 128,
    1 << 200,
]


def shard_with(new_shard: NewShard, feature: int) -> list[int]:
    data = new_shard(TINY.slots, 7)
    data[: TINY.features] = [to_field(feature), 0, 0]
    return data


def test_features_at_both_ends_are_admitted(arena: "Arena", new_shard: NewShard) -> None:
    arena.push()
    data = shard_with(new_shard, BOUND)
    data[TINY.features + 1 : 2 * TINY.features + 1] = [0, 0, to_field(-BOUND)]
    inputs = arena.admission_inputs("ada", data, TINY.slots)
    arena.nodes["ada"].registry.admit_shard(TINY.slots, arena.prove_admission(inputs).data)
    assert arena.chain.shard_count(arena.nodes["ada"].address) == 2


def test_the_last_feature_of_the_table_is_not(
    arena: "Arena", refused: Refused, new_shard: NewShard
) -> None:
    arena.push()
    inputs = arena.admission_inputs("ada", shard_with(new_shard, TINY.feature_table), TINY.slots)
    with refused("ZeroCommitmentMismatch"):
        arena.nodes["ada"].registry.admit_shard(TINY.slots, arena.prove_admission(inputs).data)


@pytest.mark.parametrize("feature", [TINY.feature_table + 1, -TINY.feature_table - 1])
def test_a_feature_beyond_the_table_has_no_proof(
    feature: int, arena: "Arena", new_shard: NewShard
) -> None:
    inputs = arena.admission_inputs("ada", shard_with(new_shard, feature), TINY.slots)
    with pytest.raises(LookupRangeError, match="a lookup would need"):
        arena.prove_admission(inputs)


@pytest.mark.parametrize("feature", HUGE)
def test_a_feature_of_the_size_of_the_field_has_no_proof(
    feature: int, arena: "Arena", new_shard: NewShard
) -> None:
    inputs = arena.admission_inputs("ada", shard_with(new_shard, feature), TINY.slots)
    with pytest.raises(EzklError, match="failed to compute the witness"):
        arena.prove_admission(inputs)


def test_noise_at_both_ends_is_taken(arena: "Arena") -> None:
    secrets = [NOISE_BOUND, to_field(-NOISE_BOUND), *arena.secrets("ada")[2:]]
    arena.send("ada", arena.prove_training("ada", secrets=secrets).data)
    assert arena.chain.round(1).submissions == 1


@pytest.mark.parametrize("noise", HUGE)
def test_noise_of_the_size_of_the_field_has_no_proof(noise: int, arena: "Arena") -> None:
    secrets = [to_field(noise), *arena.secrets("ada")[1:]]
    with pytest.raises(EzklError, match="failed to compute the witness"):
        arena.prove_training("ada", secrets=secrets)


@pytest.mark.parametrize("parameter", [SCALAR_MODULUS // 2, 1 << 200, -(1 << 80)])
def test_a_model_of_the_size_of_the_field_has_no_proof(parameter: int, arena: "Arena") -> None:
    model = [to_field(parameter)] + [0] * (TINY.model_length - 1)
    with pytest.raises((EzklError, InvalidProofError)):
        arena.prove_training("ada", model=model)


@pytest.mark.parametrize("bound", [SCALAR_MODULUS // 2, 1 << 200])
def test_a_noise_bound_of_the_size_of_the_field_has_no_proof(bound: int, arena: "Arena") -> None:
    """It would let any noise pass; the contract fixes the bound anyway."""
    secrets = [500, *arena.secrets("ada")[1:]]
    with pytest.raises((EzklError, InvalidProofError)):
        arena.prove_training("ada", secrets=secrets, public=pack_public(bound, 0))
