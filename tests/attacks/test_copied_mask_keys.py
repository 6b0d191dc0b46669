"""A hospital that announces a key made from another's gets no mask to cancel.

X25519 clears the cofactor, so a public key plus a point of low order differs from the
original and agrees with it on every secret (RFC 7748, section 7). Two peers with such keys
would give one stream of masks, which cancels for a hospital whose address lies between.
The chain refuses an exact copy; it does no curve arithmetic, so nodes refuse the twins.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.chain.states import FailureReason
from zkfl.masks import MaskCohortError, MaskKey, MaskKeyError

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]

PRIME = 2**255 - 19
WINDOW = 3_600


def twin(public: bytes) -> bytes:
    """Add the point (0, 0) of order two: on a Montgomery curve, x becomes 1/x."""
    return pow(int.from_bytes(public, "little"), -1, PRIME).to_bytes(32, "little")


def announce(arena: "Arena", name: str, key: bytes) -> None:
    """Announce a mask key between rounds, signed as it should be, and open the next round."""
    arena.push()
    arena.nodes[name].registry.announce_mask_key(key)
    assert arena.coordinator.open_round()[0] == 2


def test_twins_share_every_secret() -> None:
    victim, owner = MaskKey.generate(), MaskKey.generate()
    original = owner.public_bytes()
    assert twin(original) != original
    assert victim.pair_key(original, bytes(32)) == victim.pair_key(twin(original), bytes(32))


def test_a_twin_of_a_peers_key(arena: "Arena") -> None:
    original = arena.chain.member_of(arena.nodes["bay"].address).mask_key
    announce(arena, "ada", twin(original))
    before = arena.storage_root()
    with pytest.raises(MaskCohortError, match="lead to one shared secret"):
        arena.nodes["cay"].submit(2)
    assert arena.storage_root() == before
    arena.anvil.advance_time(WINDOW + 1)
    arena.outsider().push_round(2)
    assert arena.chain.round(2).failure == FailureReason.TOO_FEW_SUBMISSIONS
    assert arena.chain.model() == arena.committer.zero


def test_a_copy_of_a_peers_key(arena: "Arena", refused: Refused) -> None:
    bay, key = arena.nodes["bay"], arena.chain.member_of(arena.nodes["bay"].address).mask_key
    arena.push()
    with refused("MaskKeyTaken") as error:
        arena.nodes["ada"].registry.announce_mask_key(key)
    assert error.values == {"maskKey": key, "member": bay.address}
    bay.registry.announce_mask_key(key)


def test_a_copy_of_a_key_that_a_peer_replaced(arena: "Arena", refused: Refused) -> None:
    old = arena.chain.member_of(arena.nodes["bay"].address).mask_key
    arena.push()
    arena.nodes["bay"].registry.announce_mask_key(MaskKey.generate().public_bytes())
    with refused("MaskKeyTaken"):
        arena.nodes["ada"].registry.announce_mask_key(old)


def test_a_key_of_low_order(arena: "Arena") -> None:
    announce(arena, "ada", (1).to_bytes(32, "little"))
    with pytest.raises(MaskKeyError, match="low order"):
        arena.nodes["cay"].submit(2)


def test_no_key_changes_while_a_round_runs(arena: "Arena", refused: Refused) -> None:
    with refused("RoundInProgress"):
        arena.nodes["ada"].registry.announce_mask_key(b"\7" * 32)
