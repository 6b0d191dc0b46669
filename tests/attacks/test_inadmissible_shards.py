"""Every rule of form, broken in a real proof of admission, is refused on chain."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.field import SCALAR_MODULUS, to_field
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_public

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]
NewShard = Callable[[int, int], list[int]]
Entries = dict[int, int]

COUNT = TINY.slots - 2
WIDTH = TINY.features + 1
LABELS = TINY.slots * WIDTH
MASK = TINY.features
UNUSED = TINY.slots - 1
BOUND = TINY.feature_integer

BROKEN: dict[str, Entries] = {
    "a feature over its bound": {0: BOUND + 1, 1: 0, 2: 0},
    "a feature under its bound": {0: -BOUND - 1, 1: 0, 2: 0},
    "a row over the norm, each feature at its bound": dict.fromkeys(range(3), BOUND),
    "half a label": {LABELS: TINY.one // 2},
    "a label of 1023/1024": {LABELS: TINY.one - 1},
    "a negative label": {LABELS: -TINY.one},
    "a label of two": {LABELS: 2 * TINY.one},
    "a label of the size of the field": {LABELS: SCALAR_MODULUS // 2},
    "half a slot": {MASK: TINY.one // 2},
    "a slot used twice": {MASK: 2 * TINY.one},
    "a slot used minus once": {MASK: -TINY.one},
    "a slot mask of the size of the field": {MASK: SCALAR_MODULUS // 2 + 1},
    "a label in an unused slot": {LABELS + UNUSED: TINY.one},
    "a feature in an unused slot": {UNUSED * WIDTH: 1},
    "one slot more than counted": {UNUSED * WIDTH + MASK: TINY.one},
    "one slot fewer than counted": {MASK: 0, 0: 0, 1: 0, 2: 0, LABELS: 0},
}


@pytest.fixture
def between_rounds(arena: "Arena") -> "Arena":
    arena.push()
    return arena


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule(
    name: str, between_rounds: "Arena", refused: Refused, new_shard: NewShard
) -> None:
    arena, data = between_rounds, new_shard(COUNT, 5)
    for place, value in BROKEN[name].items():
        data[place] = to_field(value)
    proof = arena.prove_admission(arena.admission_inputs("ada", data, COUNT))
    with refused("ZeroCommitmentMismatch") as error:
        arena.nodes["ada"].registry.admit_shard(COUNT, proof.data)
    assert error.values["expected"] == arena.committer.zero._asdict()


def test_another_count_than_proven(
    between_rounds: "Arena", refused: Refused, new_shard: NewShard
) -> None:
    arena = between_rounds
    proof = arena.prove_admission(arena.admission_inputs("ada", new_shard(COUNT, 5), COUNT))
    least = arena.chain.config().minimum_records
    for count in (least, COUNT - 1, COUNT + 1):
        with refused("PublicScalarsMismatch"):
            arena.nodes["ada"].registry.admit_shard(count, proof.data)
    for count in (TINY.slots + 1, 2**32 - 1):
        with refused("CountOutOfRange"):
            arena.nodes["ada"].registry.admit_shard(count, proof.data)
    for count in (0, least - 1):
        with refused("TooFewRecords"):
            arena.nodes["ada"].registry.admit_shard(count, proof.data)


def test_a_proof_for_another_place_among_the_shards(
    between_rounds: "Arena", refused: Refused, new_shard: NewShard
) -> None:
    arena = between_rounds
    address = arena.nodes["ada"].address
    context = arena.chain.admission_context(address, arena.chain.shard_count(address) + 1)
    inputs = {"data": new_shard(COUNT, 5), "public": pack_public(COUNT, context)}
    with refused("PublicScalarsMismatch"):
        arena.nodes["ada"].registry.admit_shard(COUNT, arena.prove_admission(inputs).data)


def test_the_same_shard_unbroken_is_admitted(between_rounds: "Arena", new_shard: NewShard) -> None:
    arena, data = between_rounds, new_shard(COUNT, 5)
    proof = arena.prove_admission(arena.admission_inputs("ada", data, COUNT))
    arena.nodes["ada"].registry.admit_shard(COUNT, proof.data)
    assert arena.chain.shard_of(arena.nodes["ada"].address, 1).commitment == proof.points["data"]
