"""What the holder of the HE key does: open sums, and nothing but sums.

A decryption is an oracle: whoever chooses the ciphertext learns its content. The key
holder therefore adds the cohort's ciphertexts itself, and lets integers out only if they
open the commitment that the contract computed for the new model, which nothing but the sum
over the whole cohort does.
"""

import hashlib

from zkfl.artifacts import ArtifactStore
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, Round, RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.ciphertext_sum import cohort_sum
from zkfl.commitments import combine, masks_cancel
from zkfl.common_ground import CommonGround
from zkfl.curve import G1Point
from zkfl.encryption import EncryptionScheme
from zkfl.encryption.errors import DecryptionError
from zkfl.errors import ZkflError
from zkfl.field import vector_to_bytes
from zkfl.model_vector import current_model
from zkfl.next_model import SumDoesNotOpenError, next_model
from zkfl.node.home import NodeHome
from zkfl.node.key_sharing import KeySharingError, require_opening
from zkfl.node.key_store import load_he_secret


class SumRefusedError(ZkflError):
    """A ciphertext is not the sum of a closed round."""


def announce_encryption_context(
    home: NodeHome, registry: Registry, store: ArtifactStore
) -> TxResult | None:
    """Publish the public HE context and announce its hash; None if that was done."""
    digest = store.put(home.he_public.read_bytes())
    if registry.encryption_context() == digest:
        return None
    return registry.announce_encryption_context(digest)


def acknowledge_encryption_context(
    home: NodeHome, registry: Registry, scheme: EncryptionScheme
) -> TxResult | None:
    """State on chain that this party holds the HE secret; None if the chain has it.

    Parameters
    ----------
    home
        Of a key holder; its secret is tried first.
    registry
        Where the context is announced.
    scheme
        The consortium's.

    Raises
    ------
    KeySharingError
        The party holds no HE key, or that of another context than the announced one.
    KeyStoreError
        Its secret cannot be read.
    """
    announced = registry.encryption_context()
    public = home.he_public.read_bytes() if home.he_public.exists() else b""
    held = hashlib.sha256(public).digest()
    if not public or held != announced:
        raise KeySharingError(
            f"{home.root} holds the HE key of {held.hex() if public else 'no context'}, and "
            f"{announced.hex()} is announced: there is nothing to acknowledge; have the key holder "
            "seal its key to this party (zkfl he-key seal), and open that (zkfl he-key open)"
        )
    if registry.acknowledged_context_of(str(registry.client.sender)) == announced:
        return None
    require_opening(load_he_secret(home), public, scheme)
    return registry.acknowledge_encryption_context(announced)


def open_sum(
    registry: Registry, round_id: int, ground: CommonGround, secret_context: bytes
) -> TxResult | None:
    """Decrypt the sum of a closed round and state it on chain, or refuse it there.

    A sum that does not open C(G') is refused on chain: a member encrypted something else
    than it proved, and updates are revealed to find the round's model without it.

    Parameters
    ----------
    registry, round_id
        The round, which must be closed on chain and its encrypted sum announced.
    ground
        To find the ciphertexts, to check their sum and to store its integers.
    secret_context
        TenSEAL context that can decrypt.

    Returns
    -------
    TxResult or None
        Of the statement; None if the sum was opened before.

    Raises
    ------
    SumRefusedError
        The round is not closed, the announced sum is not that of the cohort's ciphertexts, or
        the endpoint shows what cannot be.
    CiphertextRefusedError, EncryptionError
        A ciphertext is missing or malformed.
    """
    closed = registry.round(round_id)
    if closed.sum_hash != UNSTATED:
        return None
    encrypted = _announced_sum(registry, round_id, closed, ground)
    length = ground.spec.model_length
    model = current_model(registry, ground.store, ground.committer, length)
    proven = proven_model(registry, round_id, closed, ground)
    try:
        total = ground.scheme.decrypt(secret_context, encrypted, length)
        next_model(model, total, ground.committer, proven)
    except (DecryptionError, SumDoesNotOpenError):
        return registry.refuse_sum(round_id, closed.encrypted_sum_hash)
    digest = ground.store.put(vector_to_bytes(total))
    return registry.open_sum(round_id, closed.encrypted_sum_hash, digest)


def _announced_sum(registry: Registry, round_id: int, closed: Round, ground: CommonGround) -> bytes:
    if closed.status is not RoundStatus.CLOSED:
        raise SumRefusedError(
            f"round {round_id} is {closed.status.name}, not CLOSED: there is no sum to open"
        )
    if closed.encrypted_sum_hash == UNSTATED:
        raise SumRefusedError(
            f"the sum of round {round_id} is not announced: there is none to open until the "
            "aggregator announces it (zkfl close)"
        )
    encrypted = cohort_sum(registry, round_id, ground)
    actual = hashlib.sha256(encrypted).digest()
    if actual != closed.encrypted_sum_hash:
        raise SumRefusedError(
            f"the aggregator announced the sum {closed.encrypted_sum_hash.hex()} in round "
            f"{round_id}, the cohort's ciphertexts add up to {actual.hex()}: nothing is opened "
            "until it announces that one"
        )
    return encrypted


def proven_model(registry: Registry, round_id: int, closed: Round, ground: CommonGround) -> G1Point:
    """Return ``C(G')`` as this node computes it from everyone's submission.

    The endpoint's word for it would not do: for a single ciphertext, too, there is a point
    that its content opens. Over the cohort's true submissions there is one. An endpoint that
    makes up the others' could still show another, and gets a masked update opened: masks, not
    this check, are what hides it.
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
