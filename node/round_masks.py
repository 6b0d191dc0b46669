"""A member's masks in the current attempt of a round, on keys that it has seen before."""

from dataclasses import dataclass

from zkfl.chain.protocol import mask_cohort, mask_context
from zkfl.chain.registry import Registry
from zkfl.chain.states import Round
from zkfl.masks import mask_vector, pair_masks
from zkfl.node.home import NodeHome
from zkfl.node.key_store import load_mask_key
from zkfl.node.known_disputes import require_disputed
from zkfl.node.pinned_keys import require_pinned
from zkfl.node.signed_statements import MaskedAttempt, SignedStatements


@dataclass(frozen=True)
class RoundMasks:
    """What the chain shows about the masks of an attempt.

    Attributes
    ----------
    keys
        Announced mask key (32 bytes) by address, in the cohort's order.
    unpaired
        Peers with which the member shares no mask, after a dispute.
    about
        What the member's split of its mask is about, in a dispute.
    context
        ``maskContext`` of the attempt, 32 bytes.
    """

    home: NodeHome
    address: str
    keys: dict[str, bytes]
    unpaired: frozenset[str]
    about: MaskedAttempt
    context: bytes

    @classmethod
    def shown(cls, home: NodeHome, registry: Registry, round_id: int, state: Round) -> "RoundMasks":
        """Read an attempt's cohort from the chain; its keys must be those known so far.

        Raises
        ------
        PinnedKeyError, UnsignedKeyError
            A key is not the one that this node knows, nor a later one that its owner signed.
        UnknownDisputeError
            Peers share no mask with this node though none of them is seen to have parted.
        """
        statements = SignedStatements(registry)
        own = str(registry.client.sender)
        cohort = registry.cohort(round_id)
        keys = {member: registry.member_of(member).mask_key for member in cohort}
        require_pinned(home, keys, state.encryption_context, statements)
        peers = [member for member in cohort if member != own]
        unpaired = frozenset(p for p in peers if registry.unpaired(own, p))
        require_disputed(home, unpaired, statements)
        chain_id = registry.client.chain_id
        context = mask_context(chain_id, registry.address, round_id, state.attempt)
        about = MaskedAttempt(round_id, state.attempt, mask_cohort(keys))
        return cls(home, own, keys, unpaired, about, context)

    @property
    def place(self) -> int:
        """The member's in the cohort, from 0."""
        return list(self.keys).index(self.address)

    def vector(self, length: int) -> list[int]:
        """Return ``m_i``; raises as `zkfl.masks.pair_masks`."""
        key = load_mask_key(self.home)
        return mask_vector(key, self.keys, self.address, self.context, length, self.unpaired)

    def by_peer(self, length: int) -> dict[str, list[int]]:
        """Return ``m_ij`` by peer, in the cohort's order; raises as `zkfl.masks.pair_masks`."""
        key = load_mask_key(self.home)
        return pair_masks(key, self.keys, self.address, self.context, length, self.unpaired)
