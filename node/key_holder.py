"""What the holder of the HE key does: open sums, and nothing but sums.

A decryption is an oracle: whoever chooses the ciphertext learns its content. The key
holder therefore returns integers only if they open the commitment that the contract
computed for the new model, which nothing but the sum over the whole cohort does.
"""

from zkfl.chain.registry import Registry
from zkfl.chain.states import Round, RoundStatus
from zkfl.commitments import combine, masks_cancel
from zkfl.common_ground import CommonGround
from zkfl.curve import G1Point
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS, vector_to_bytes
from zkfl.mailbox import ENCRYPTED_SUM, OPENED_SUM
from zkfl.model_vector import current_model


class SumRefusedError(ZkflError):
    """A ciphertext is not the sum of a closed round."""


def open_sum(
    registry: Registry, round_id: int, ground: CommonGround, secret_context: bytes
) -> bytes:
    """Decrypt the sum of a closed round, check it, and leave its integers for all.

    Parameters
    ----------
    registry, round_id
        The round, which must be closed on chain.
    ground
        To find the encrypted sum, to check it and to publish its integers.
    secret_context
        TenSEAL context that can decrypt.

    Returns
    -------
    bytes
        SHA-256 (32 bytes) of the stored vector file of ``S``.

    Raises
    ------
    SumRefusedError
        The round is not closed, or the sum does not open its new model.
    EncryptionError
        The ciphertext is malformed.
    """
    closed = registry.round(round_id)
    if closed.status not in {RoundStatus.CLOSED, RoundStatus.PUBLISHED}:
        raise SumRefusedError(
            f"round {round_id} is {closed.status.name}, not CLOSED: there is no sum to open"
        )
    length = ground.spec.model_length
    model = current_model(registry, ground.store, ground.committer, length)
    encrypted = ground.store.get(ground.mailbox.get(round_id, ENCRYPTED_SUM))
    total = ground.scheme.decrypt(secret_context, encrypted, length)
    opened = [(g + s) % SCALAR_MODULUS for g, s in zip(model, total, strict=True)]
    if ground.committer.commit(opened) != _proven_model(registry, round_id, closed, ground):
        raise SumRefusedError(
            f"the decrypted sum of round {round_id} does not open the chain's new model: a "
            "hospital encrypted something else than it proved, or the sum was altered. Nothing "
            "is returned; the round fails at its deadline and the model stays"
        )
    digest = ground.store.put(vector_to_bytes(total))
    ground.mailbox.put(round_id, OPENED_SUM, digest)
    return digest


def _proven_model(
    registry: Registry, round_id: int, closed: Round, ground: CommonGround
) -> G1Point:
    """Return ``C(G')`` as this node computes it from everyone's submission.

    The endpoint's word for it would not do: for a single ciphertext, too, there is a point
    that its content opens. Over the whole cohort, and with masks that cancel, there is one.
    """
    zero = ground.committer.zero
    parts = [registry.participation(round_id, member) for member in registry.cohort(round_id)]
    if not masks_cancel((part.mask for part in parts), zero):
        raise SumRefusedError(
            f"the masks of round {round_id} do not cancel: this is no closed round"
        )
    weights, updates = [part.weight for part in parts], [part.update for part in parts]
    proven = combine(closed.model_before, weights, updates, zero)
    if proven != closed.model_after:
        raise SumRefusedError(
            f"the endpoint shows {tuple(closed.model_after)} as the new model of round {round_id}, "
            f"its submissions give {tuple(proven)}: the endpoint lies"
        )
    return proven
