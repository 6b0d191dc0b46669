"""The aggregator's part in a round, a method a step; each step can be repeated safely."""

from zkfl.aggregator.publication import next_model
from zkfl.aggregator.summation import ExpectedCiphertext, sum_ciphertexts
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.common_ground import CommonGround
from zkfl.field import vector_from_bytes, vector_to_bytes
from zkfl.mailbox import ENCRYPTED_SUM, OPENED_SUM
from zkfl.model_vector import current_model


class Coordinator:
    """Opens and closes rounds, adds what it cannot read, publishes what it cannot choose.

    Parameters
    ----------
    registry
        Over a client that signs with the aggregator's chain key.
    ground
        What every party uses alike; it holds no secret.
    """

    def __init__(self, registry: Registry, ground: CommonGround) -> None:
        self.registry = registry
        self._ground = ground
        self._length = ground.spec.model_length

    def open_round(self) -> tuple[int, TxResult]:
        """Open a round over everyone who can take part; return its id."""
        return self.registry.open_round()

    def close_round(self, round_id: int) -> TxResult | None:
        """Let the contract check the masks and compute C(G'); None if that was done."""
        if self.registry.round(round_id).status != RoundStatus.OPEN:
            return None
        return self.registry.close_round(round_id)

    def sum_updates(self, round_id: int) -> bytes:
        """Add the cohort's ciphertexts; return the SHA-256 of the stored sum."""
        expected = [
            ExpectedCiphertext(member, self._ciphertext_hash(round_id, member))
            for member in self.registry.cohort(round_id)
        ]
        context = self._ground.store.get(self.registry.round(round_id).encryption_context)
        total = sum_ciphertexts(
            expected, context, self._length, self._ground.scheme, self._ground.store
        )
        digest = self._ground.store.put(total)
        self._ground.mailbox.put(round_id, ENCRYPTED_SUM, digest)
        return digest

    def _ciphertext_hash(self, round_id: int, member: str) -> bytes:
        return self.registry.participation(round_id, member).ciphertext_hash

    def publish_model(self, round_id: int) -> TxResult | None:
        """Publish G' = G + S by content hash; None if that was done."""
        state = self.registry.round(round_id)
        if state.status == RoundStatus.PUBLISHED:
            return None
        model = current_model(
            self.registry, self._ground.store, self._ground.committer, self._length
        )
        sum_hash = self._ground.mailbox.get(round_id, OPENED_SUM)
        total = vector_from_bytes(self._ground.store.get(sum_hash), self._length)
        opened = next_model(model, total, self._ground.committer, state.model_after)
        model_hash = self._ground.store.put(vector_to_bytes(opened))
        return self.registry.publish_model(round_id, model_hash, sum_hash)
