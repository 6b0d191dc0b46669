"""Adding encrypted updates blindly, after checking each against its hash on chain."""

from dataclasses import dataclass

from zkfl.artifacts import ArtifactError, ArtifactStore
from zkfl.chain.registry import Registry
from zkfl.common_ground import CommonGround
from zkfl.encryption import EncryptionError, EncryptionScheme
from zkfl.errors import ZkflError


class CiphertextRefusedError(ZkflError):
    """A member's ciphertext cannot be part of the sum.

    Attributes
    ----------
    member
        Address of the member that it should have come from.
    """

    def __init__(self, member: str, reason: Exception) -> None:
        super().__init__(
            f"the ciphertext of {member} is refused: {reason}. Unless the member stores the right "
            "file, updates are revealed after the deadline (zkfl push)"
        )
        self.member = member


@dataclass(frozen=True)
class ExpectedCiphertext:
    """What the chain holds of a member's encrypted update: its SHA-256, 32 bytes."""

    member: str
    digest: bytes


def cohort_sum(registry: Registry, round_id: int, ground: CommonGround) -> bytes:
    """Return the ciphertext file of the sum over a round's cohort, the same for everyone.

    Raises
    ------
    CiphertextRefusedError
        A member's file is missing, damaged or malformed; names the member.
    """
    expected = [
        ExpectedCiphertext(member, registry.participation(round_id, member).ciphertext_hash)
        for member in registry.cohort(round_id)
    ]
    context = ground.store.get(registry.round(round_id).encryption_context)
    return sum_ciphertexts(expected, context, ground.spec.model_length, ground.scheme, ground.store)


def sum_ciphertexts(
    expected: list[ExpectedCiphertext],
    public_context: bytes,
    entries: int,
    scheme: EncryptionScheme,
    store: ArtifactStore,
) -> bytes:
    """Add the ciphertexts of a cohort.

    Parameters
    ----------
    expected
        A ciphertext for each member of the cohort.
    public_context
        Holds no secret key; one that does is refused.
    entries
        ``M``, field elements in an update.
    scheme, store
        To add, and to find the files by hash.

    Returns
    -------
    bytes
        Ciphertext file of the sum.

    Raises
    ------
    CiphertextRefusedError
        A file is missing, damaged or malformed; names the member.
    SecretKeyPresentError, ContextError
        The context is not fit for an aggregator.
    """
    scheme.load_public(public_context)
    files = [_checked(one, public_context, entries, scheme, store) for one in expected]
    return scheme.add(public_context, files, entries)


def _checked(
    one: ExpectedCiphertext,
    public_context: bytes,
    entries: int,
    scheme: EncryptionScheme,
    store: ArtifactStore,
) -> bytes:
    try:
        ciphertext = store.get(one.digest)
        scheme.check(public_context, ciphertext, entries)
    except (ArtifactError, EncryptionError) as error:
        raise CiphertextRefusedError(one.member, error) from error
    return ciphertext
