"""Homomorphic encryption that keeps the aggregator blind."""

from zkfl.encryption.bfv import Bfv
from zkfl.encryption.ckks import Ckks
from zkfl.encryption.errors import EncryptionError
from zkfl.encryption.scheme import EncryptionScheme, require_secret_context

__all__ = ["EncryptionError", "EncryptionScheme", "require_secret_context", "scheme_named"]


def scheme_named(name: str) -> EncryptionScheme:
    """Return the scheme ``bfv`` or ``ckks``.

    Raises
    ------
    EncryptionError
        There is no other.
    """
    schemes: dict[str, EncryptionScheme] = {"bfv": Bfv(), "ckks": Ckks()}
    if name not in schemes:
        raise EncryptionError(f"no scheme is named {name!r}: choose bfv or ckks")
    return schemes[name]
