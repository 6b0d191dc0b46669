"""The aggregator's part in a round, a method a step; each step can be repeated safely."""

from zkfl.aggregator.publication import next_model
from zkfl.aggregator.summation import ExpectedCiphertext, sum_ciphertexts
from zkfl.artifacts import ArtifactStore
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.commitments import Committer
from zkfl.encryption import EncryptionScheme
from zkfl.field import vector_from_bytes, vector_to_bytes
from zkfl.mailbox import ENCRYPTED_SUM, OPENED_SUM, Mailbox
from zkfl.model_vector import current_model


class Coordinator:
    """Opens and closes rounds, adds what it cannot read, publishes what it cannot choose.

    Parameters
    ----------
    registry
        Over a client that signs with the aggregator's chain key.
    length
        ``M``, entries of model and update vectors.
    committer, scheme
        Of the consortium.
    store, mailbox
        Where artefacts and pointers are exchanged; nothing in them is trusted.
    """

    def __init__(
        self,
        registry: Registry,
        length: int,
        committer: Committer,
        scheme: EncryptionScheme,
        store: ArtifactStore,
        mailbox: Mailbox,
    ) -> None:
        self.registry = registry
        self._length = length
        self._committer = committer
        self._scheme = scheme
        self._store = store
        self._mailbox = mailbox

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
        context = self._store.get(self.registry.round(round_id).encryption_context)
        total = sum_ciphertexts(expected, context, self._length, self._scheme, self._store)
        digest = self._store.put(total)
        self._mailbox.put(round_id, ENCRYPTED_SUM, digest)
        return digest

    def _ciphertext_hash(self, round_id: int, member: str) -> bytes:
        return self.registry.participation(round_id, member).ciphertext_hash

    def publish_model(self, round_id: int) -> TxResult | None:
        """Publish G' = G + S by content hash; None if that was done."""
        state = self.registry.round(round_id)
        if state.status == RoundStatus.PUBLISHED:
            return None
        model = current_model(self.registry, self._store, self._committer, self._length)
        sum_hash = self._mailbox.get(round_id, OPENED_SUM)
        total = vector_from_bytes(self._store.get(sum_hash), self._length)
        opened = next_model(model, total, self._committer, state.model_after)
        model_hash = self._store.put(vector_to_bytes(opened))
        return self.registry.publish_model(round_id, model_hash, sum_hash)
