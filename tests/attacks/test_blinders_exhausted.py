"""The chain takes no more proofs over a shard than its blinders can hide."""

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


def openings_slot(arena: "Arena", name: str) -> int:
    """Find the word with count and openings of a hospital's first shard."""
    address = arena.nodes[name].address
    x, y = arena.chain.shard_of(address, 0).commitment
    for mapping in range(64):
        array = keccak(encode(["address", "uint256"], [address, mapping]))
        first = int.from_bytes(keccak(array))
        if [arena.word(first), arena.word(first + 1)] == [x, y]:
            return first + 2
    raise AssertionError(f"no mapping holds the shards of {name}")


def set_openings(arena: "Arena", name: str, openings: int) -> None:
    count = arena.chain.shard_of(arena.nodes[name].address, 0).count
    arena.set_word(openings_slot(arena, name), openings << OPENINGS_SHIFT | count)
    assert arena.chain.shard_of(arena.nodes[name].address, 0).openings == openings


def test_each_accepted_proof_is_counted(arena: "Arena") -> None:
    address = arena.nodes["ada"].address
    assert arena.chain.shard_of(address, 0).openings == 1
    arena.send("ada", arena.honest_proof("ada"))
    assert arena.chain.shard_of(address, 0).openings == 2


def test_the_last_opening_is_taken_and_no_other(arena: "Arena", refused: Refused) -> None:
    limit = arena.chain.config().max_openings
    assert limit == arena.spec.data_blinders - 2
    set_openings(arena, "ada", limit)
    with refused("BlindersExhausted") as error:
        arena.send("ada", arena.honest_proof("ada"))
    assert error.values == {
        "member": arena.nodes["ada"].address.lower(),
        "shardIndex": 0,
        "openings": limit,
        "limit": limit,
    }
    set_openings(arena, "ada", limit - 1)
    arena.send("ada", arena.honest_proof("ada"))
    assert arena.chain.shard_of(arena.nodes["ada"].address, 0).openings == limit
