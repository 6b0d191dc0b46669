"""What the holder of the HE key does: open sums, and nothing but sums.

A decryption is an oracle: whoever chooses the ciphertext learns its content. The key
holder therefore returns integers only if they open the commitment that the contract
computed for the new model, which nothing but the sum over the whole cohort does.
"""

from zkfl.artifacts import ArtifactStore
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.commitments import Committer
from zkfl.encryption import EncryptionScheme
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS, vector_to_bytes


class SumRefusedError(ZkflError):
    """A ciphertext is not the sum of a closed round."""


def open_sum(
    registry: Registry,
    round_id: int,
    encrypted_sum: bytes,
    model: list[int],
    scheme: EncryptionScheme,
    secret_context: bytes,
    committer: Committer,
    store: ArtifactStore,
) -> bytes:
    """Decrypt the sum of a closed round, check it, and store its integers.

    Parameters
    ----------
    registry, round_id
        The round, which must be closed on chain.
    encrypted_sum
        Ciphertext file, as the aggregator made it.
    model
        ``G``, ``M`` field elements, checked against the chain by the caller.
    scheme, secret_context
        To decrypt.
    committer, store
        To check and to publish.

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
    total = scheme.decrypt(secret_context, encrypted_sum, len(model))
    opened = [(g + s) % SCALAR_MODULUS for g, s in zip(model, total, strict=True)]
    if tuple(committer.commit(opened)) != tuple(closed.model_after):
        raise SumRefusedError(
            f"the decrypted sum of round {round_id} does not open the chain's new model: a "
            "hospital encrypted something else than it proved, or the sum was altered. Nothing "
            "is returned; the round fails at its deadline and the model stays"
        )
    return store.put(vector_to_bytes(total))
