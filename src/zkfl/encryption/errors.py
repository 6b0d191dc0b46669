"""Why an encrypted update or an encryption context is refused."""

from zkfl.errors import ZkflError


class EncryptionError(ZkflError):
    """Homomorphic encryption refused its input."""


class CiphertextFormatError(EncryptionError):
    """The bytes are no ciphertext file: truncated, oversized, or of another scheme."""


class CiphertextContextError(EncryptionError):
    """The ciphertext does not belong to the consortium's encryption context."""


class ContextError(EncryptionError):
    """An encryption context is malformed or has other parameters than agreed."""


class SecretKeyPresentError(EncryptionError):
    """A context that should be public holds a secret key."""


class SecretKeyMissingError(EncryptionError):
    """A context that should decrypt holds no secret key."""


class SumCapacityError(EncryptionError):
    """A sum of none, or of so many vectors that limbs could overflow."""


class DecryptionError(EncryptionError):
    """The decrypted numbers are no sum of limbs."""


LIBRARY_ERRORS = (ValueError, RuntimeError, TypeError, ArithmeticError, LookupError, MemoryError)
"""What TenSEAL and SEAL raise on bytes that are not theirs."""
