"""Masking, encrypting and submitting a proven update, once an attempt."""

from dataclasses import dataclass, field

from zkfl.chain.registry import Registry
from zkfl.chain.transactions import ProgressCallback, TxResult
from zkfl.common_ground import CommonGround
from zkfl.field import SCALAR_MODULUS
from zkfl.node.round_journal import RoundJournal, Submission
from zkfl.node.training import ProvenUpdate


@dataclass(frozen=True)
class Sealing:
    """What turns an update into an encrypted masked update.

    Attributes
    ----------
    weight
        ``w_i``, integer in units of 2^-16.
    mask
        ``m_i``, ``M`` field elements.
    public_context
        Encrypts for the key holder.
    """

    weight: int
    mask: list[int] = field(repr=False)
    public_context: bytes = field(repr=False)


def masked_update(update: list[int], weight: int, mask: list[int]) -> list[int]:
    """Return ``y_i = w_i*u_i + m_i mod p``, ``M`` field elements."""
    return [(weight * u + m) % SCALAR_MODULUS for u, m in zip(update, mask, strict=True)]


def seal_update(
    update: list[int],
    sealing: Sealing,
    ground: CommonGround,
    journal: RoundJournal,
    attempt: int,
) -> Submission:
    """Mask and encrypt an update, or return what an earlier run of this attempt made."""
    kept = journal.submission(attempt)
    if kept is not None:
        return kept
    masked = masked_update(update, sealing.weight, sealing.mask)
    ciphertext = ground.scheme.encrypt(sealing.public_context, masked)
    mask_commitment = ground.committer.commit(sealing.mask)
    submission = Submission(mask_commitment, ground.store.put(ciphertext))
    journal.keep_submission(attempt, submission)
    return submission


def submit_once(
    registry: Registry,
    round_id: int,
    update: ProvenUpdate,
    submission: Submission,
    on_progress: ProgressCallback | None = None,
) -> TxResult | None:
    """Submit unless the chain already holds this member's submission (then None)."""
    if registry.participation(round_id, registry.client.sender).submitted:
        return None
    return registry.submit_update(
        round_id, update.proof, submission.mask, submission.ciphertext_hash, on_progress
    )
