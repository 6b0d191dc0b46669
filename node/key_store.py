"""A node's secret keys on disk: made once, encrypted, closed to others, never printed.

They are encrypted under the password of the chain key. Folders of earlier versions hold them in the
clear: those are read, and encrypted then; once a file was encrypted, a plain one is refused in its
place, since whoever can write there need not know the password.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.chain.keys import keystore_cost
from zkfl.encryption import EncryptionScheme, require_secret_context
from zkfl.errors import ZkflError
from zkfl.folders import make_folder
from zkfl.masks import MaskKey
from zkfl.node.home import NodeHome
from zkfl.party_accounts import passwords_of
from zkfl.private_file import read_private_file
from zkfl.secret_file import (
    DEFAULT_COST,
    SecretFileError,
    is_sealed,
    open_secret,
    resembles_sealed,
    seal_secret,
)

_LIMIT = 24 * 1024 * 1024
_MASK_KEY, _HE_SECRET = "mask key", "HE secret"
_CHECKS: Mapping[str, Callable[[bytes], object]] = {
    _MASK_KEY: MaskKey.from_bytes,
    _HE_SECRET: require_secret_context,
}
"""Raise for what is no secret of that kind, whoever wrote it."""


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
    _keep(home, home.mask_key, key.private_bytes(), _MASK_KEY)
    return key


def load_mask_key(home: NodeHome) -> MaskKey:
    """Read the hospital's X25519 key; others must not be able to."""
    return _load_mask_key(home, home.mask_key)


def draw_next_mask_key(home: NodeHome) -> MaskKey:
    """Return the key that is to replace the present one, drawn unless it is there."""
    if not home.next_mask_key.exists():
        _keep(home, home.next_mask_key, MaskKey.generate().private_bytes(), _MASK_KEY)
    return _load_mask_key(home, home.next_mask_key)


def create_he_keys(home: NodeHome, scheme: EncryptionScheme) -> bytes:
    """As the key holder: make the HE keys, store the secret, return the public context.

    Raises
    ------
    KeyStoreError
        There is a secret already: sums of running rounds need it.
    """
    secret, public = scheme.generate()
    keep_he_secret(home, secret)
    return public


def keep_he_secret(home: NodeHome, secret: bytes) -> None:
    """Store an HE secret.

    Raises
    ------
    KeyStoreError
        There is one already.
    """
    if home.he_secret.exists():
        raise KeyStoreError(f"{home.he_secret} exists: it is not overwritten")
    _keep(home, home.he_secret, secret, _HE_SECRET)


def load_he_secret(home: NodeHome) -> bytes:
    """Read the HE secret context; only a key holder has one."""
    if not home.he_secret.exists():
        raise KeyStoreError(f"{home.root} holds no HE key: it is not the key holder's folder")
    return _load(home, home.he_secret, _HE_SECRET)


def keep_under_password(home: NodeHome, password: str, cost: int) -> None:
    """Encrypt every secret anew under a password that is to come."""
    purposes = {home.mask_key: _MASK_KEY, home.next_mask_key: _MASK_KEY, home.he_secret: _HE_SECRET}
    for path, purpose in purposes.items():
        if path.exists():
            secret = _load(home, path, purpose)
            sealed = seal_secret(secret, password, purpose, min(cost, DEFAULT_COST))
            write_atomically(path, sealed)


def _load_mask_key(home: NodeHome, path: Path) -> MaskKey:
    return MaskKey.from_bytes(_load(home, path, _MASK_KEY))


def _keep(home: NodeHome, path: Path, secret: bytes, purpose: str) -> None:
    password = next(iter(passwords_of(home)))
    cost = min(keystore_cost(home.chain_key), DEFAULT_COST)
    write_atomically(path, seal_secret(secret, password, purpose, cost))
    _mark_sealed(home, path)


def _load(home: NodeHome, path: Path, purpose: str) -> bytes:
    content = read_private_file(path, limit=_LIMIT)
    if is_sealed(content):
        secret = _opened(home, path, content, purpose)
        _mark_sealed(home, path)
        return secret
    _require_plain(home, path, content, purpose)
    if home.chain_key.exists():
        _keep(home, path, content, purpose)
    return content


def _require_plain(home: NodeHome, path: Path, content: bytes, purpose: str) -> None:
    """Refuse what is no plain secret of an earlier version, before it is sealed over itself."""
    if resembles_sealed(content):
        raise SecretFileError(f"{path}: the file of the {purpose} is damaged: restore it")
    _CHECKS[purpose](content)
    if home.sealed_before(path).exists():
        raise SecretFileError(
            f"{path} holds a {purpose} in the clear, and was encrypted before: somebody put "
            f"another in its place. Restore your copy; if it is your own, of an earlier version, "
            f"remove {home.sealed_before(path)}"
        )


def _mark_sealed(home: NodeHome, path: Path) -> None:
    mark = home.sealed_before(path)
    if not mark.exists():
        make_folder(mark.parent)
        write_atomically(mark, b"")


@lru_cache(maxsize=8)
def _opened(home: NodeHome, path: Path, content: bytes, purpose: str) -> bytes:
    """Open a file once a process: making its key takes a second, and may ask a person."""
    try:
        return open_secret(content, passwords_of(home), purpose)
    except SecretFileError as error:
        raise SecretFileError(f"{path}: {error}") from error
