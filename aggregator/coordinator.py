"""The aggregator's part in a round, a method a step; each step can be repeated safely."""

from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.ciphertext_sum import cohort_sum
from zkfl.common_ground import CommonGround
from zkfl.errors import ZkflError
from zkfl.field import vector_from_bytes, vector_to_bytes
from zkfl.lineage import rebuild
from zkfl.model_vector import current_model
from zkfl.next_model import next_model


class CoordinatorError(ZkflError):
    """A step of the round is not the aggregator's to take now."""


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
        self.ground = ground
        self._length = ground.spec.model_length

    def open_round(self) -> tuple[int, TxResult]:
        """Open a round over everyone who can take part; return its id."""
        return self.registry.open_round()

    def close_round(self, round_id: int) -> TxResult | None:
        """Let the contract check the masks and compute C(G'); None if that was done."""
        if self.registry.round(round_id).status != RoundStatus.OPEN:
            return None
        return self.registry.close_round(round_id)

    def announce_sum(self, round_id: int) -> TxResult | None:
        """Add the cohort's ciphertexts and announce the sum's SHA-256; None if that was done.

        Raises
        ------
        CoordinatorError
            The round is neither closed nor published.
        CiphertextRefusedError
            A member's file is missing or malformed.
        """
        state = self.registry.round(round_id)
        if state.status == RoundStatus.PUBLISHED:
            return None
        if state.status != RoundStatus.CLOSED:
            raise CoordinatorError(
                f"round {round_id} is {state.status.name}, not CLOSED: there is nothing to add; "
                "zkfl status shows what it waits for"
            )
        digest = self.ground.store.put(cohort_sum(self.registry, round_id, self.ground))
        if state.encrypted_sum_hash == digest:
            return None
        return self.registry.announce_sum(round_id, digest)

    def publish_model(self, round_id: int) -> TxResult | None:
        """Publish G' = G + S by content hash; None if that was done.

        Raises
        ------
        CoordinatorError
            The key holder has not opened the sum.
        SumDoesNotOpenError
            What it opened does not lead to C(G').
        """
        state = self.registry.round(round_id)
        if state.status == RoundStatus.PUBLISHED:
            return None
        if state.sum_hash == UNSTATED:
            raise CoordinatorError(
                f"the sum of round {round_id} is not opened: without the key holder, updates are "
                "revealed after the deadline (zkfl push)"
            )
        model = current_model(self.registry, self.ground.store, self.ground.committer, self._length)
        total = vector_from_bytes(self.ground.store.get(state.sum_hash), self._length)
        opened = next_model(model, total, self.ground.committer, state.model_after)
        return self.registry.publish_model(round_id, self.ground.store.put(vector_to_bytes(opened)))

    def publish_card(self, round_id: int) -> TxResult | None:
        """Write a final round's card and publish its hash; None if that was done.

        Raises
        ------
        CoordinatorError
            The round is not final.
        LineageError
            The chain does not add up from its beginning to this round.
        """
        if self.registry.model_card_of(round_id) != UNSTATED:
            return None
        found = [final.card for final in rebuild(self.registry) if final.card.round_id == round_id]
        if not found:
            raise CoordinatorError(f"round {round_id} is not final: it has no card")
        digest = self.ground.store.put(found[0].to_bytes())
        return self.registry.publish_model_card(round_id, digest)
