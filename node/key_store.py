"""A node's secret keys on disk: made once, closed to others, never printed."""

from zkfl.atomic_file import write_atomically
from zkfl.encryption import EncryptionScheme
from zkfl.errors import ZkflError
from zkfl.masks import MaskKey
from zkfl.node.home import NodeHome
from zkfl.private_file import read_private_file

_CONTEXT_LIMIT = 16 * 1024 * 1024


class KeyStoreError(ZkflError):
    """A key is missing, or would be overwritten."""


def create_mask_key(home: NodeHome) -> MaskKey:
    """Draw the hospital's X25519 key.

    Raises
    ------
    KeyStoreError
        There is one already: masks of running rounds depend on it.
    """
    if home.mask_key.exists():
        raise KeyStoreError(f"{home.mask_key} exists: it is not overwritten")
    key = MaskKey.generate()
    write_atomically(home.mask_key, key.private_bytes())
    return key


def load_mask_key(home: NodeHome) -> MaskKey:
    """Read the hospital's X25519 key; others must not be able to."""
    return MaskKey.from_bytes(read_private_file(home.mask_key))


def create_he_keys(home: NodeHome, scheme: EncryptionScheme) -> bytes:
    """As the key holder: make the HE keys, store the secret, return the public context.

    Raises
    ------
    KeyStoreError
        There is a secret already: sums of running rounds need it.
    """
    if home.he_secret.exists():
        raise KeyStoreError(f"{home.he_secret} exists: it is not overwritten")
    secret, public = scheme.generate()
    write_atomically(home.he_secret, secret)
    return public


def load_he_secret(home: NodeHome) -> bytes:
    """Read the HE secret context; only the key holder has one."""
    if not home.he_secret.exists():
        raise KeyStoreError(f"{home.root} holds no HE key: it is not the key holder's folder")
    return read_private_file(home.he_secret, limit=_CONTEXT_LIMIT)
