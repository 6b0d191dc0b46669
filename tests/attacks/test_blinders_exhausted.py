"""The chain takes no more proofs over a shard than its blinders can hide.

It selects no spent shard either: a member that could not submit would fail every round.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]

OPENINGS_SHIFT = 32
"""`Shard` ends with `uint32 count; uint32 openings` in one word."""
SHARD_WORDS = 3
WINDOW = 3_600


def openings_slot(arena: "Arena", name: str, index: int) -> int:
    """Find the word with count and openings of a hospital's shard."""
    address = arena.nodes[name].address
    x, y = arena.chain.shard_of(address, index).commitment
    for mapping in range(64):
        array = keccak(encode(["uint256", "uint256"], [arena.chain.member_id_of(address), mapping]))
        first = int.from_bytes(keccak(array)) + SHARD_WORDS * index
        if [arena.word(first), arena.word(first + 1)] == [x, y]:
            return first + 2
    raise AssertionError(f"no mapping holds the shards of {name}")


def openings(arena: "Arena", name: str, index: int = 0) -> int:
    return arena.chain.shard_of(arena.nodes[name].address, index).openings


def set_openings(arena: "Arena", name: str, count: int, index: int = 0) -> None:
    used = arena.chain.shard_of(arena.nodes[name].address, index).count
    arena.set_word(openings_slot(arena, name, index), count << OPENINGS_SHIFT | used)
    assert openings(arena, name, index) == count


def spend(arena: "Arena", name: str) -> int:
    """Take the last opening of the selected shard by an honest proof; return its index."""
    index, limit = arena.selected(name), arena.chain.config().max_openings
    set_openings(arena, name, limit - 1, index)
    arena.send(name, arena.honest_proof(name))
    assert openings(arena, name, index) == limit
    return index


def next_selection(arena: "Arena", name: str) -> int:
    """Open the next round and let it fail; return the shard that the chain selected."""
    round_id = arena.coordinator.open_round()[0]
    part = arena.chain.participation(round_id, arena.nodes[name].address)
    assert part.weight
    arena.anvil.advance_time(WINDOW + 1)
    arena.outsider().push_round(round_id)
    return part.shard_index


def test_each_accepted_proof_is_counted(arena: "Arena") -> None:
    assert openings(arena, "ada") == 1
    arena.send("ada", arena.honest_proof("ada"))
    assert openings(arena, "ada") == 2


def test_the_last_opening_is_taken_and_no_other(arena: "Arena", refused: Refused) -> None:
    """Selection never leads to this refusal; it holds if selection should be wrong."""
    limit = arena.chain.config().max_openings
    assert limit == arena.spec.data_blinders - 2
    set_openings(arena, "ada", limit)
    with refused("BlindersExhausted") as error:
        arena.send("ada", arena.honest_proof("ada"))
    assert error.values == {
        "member": arena.nodes["ada"].address,
        "shardIndex": 0,
        "openings": limit,
        "limit": limit,
    }
    assert spend(arena, "ada") == 0


def test_the_next_shard_takes_a_spent_ones_turn(arena: "Arena") -> None:
    spent = spend(arena, "cay")
    arena.push()
    assert [next_selection(arena, "cay") for _ in range(3)] == [1 - spent] * 3


def test_whoever_has_no_shard_left_is_left_out(
    arena: "Arena", refused: Refused, new_shard: Callable[[int, int], list[int]]
) -> None:
    spend(arena, "ada")
    arena.push()
    with refused("TooFewMembers") as error:
        arena.aggregator.open_round()
    assert error.values == {"cohort": 2, "minimum": 3}
    proof = arena.prove_admission(arena.admission_inputs("ada", new_shard(4, 99), 4))
    arena.nodes["ada"].registry.admit_shard(4, proof.data)
    assert [next_selection(arena, "ada") for _ in range(2)] == [1, 1]
