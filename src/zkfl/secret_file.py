"""Secrets at rest: encrypted under a party's password, in files of mode 0600.

Scrypt makes the key, ChaCha20-Poly1305 encrypts; what the secret is for is bound to it, so that one
file cannot be put in another's place.
"""

import base64
import json
import os
import re
from collections.abc import Iterable
from typing import Annotated, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from zkfl.errors import ZkflError

_MARK = b'{"format":"zkfl.secret.v1"'
_LAID_OUT_ANEW = re.compile(rb'\s*\{\s*"(?:format|purpose|cost|salt|nonce|ciphertext)"')
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
_BLOCK_SIZE, _PARALLELISM = 8, 1
DEFAULT_COST = 1 << 17
"""Scrypt's ``n``, with r = 8 and p = 1: 128 MB, the first choice of OWASP's Password Storage Cheat
Sheet (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html)."""
_LARGEST_COST = 1 << 20


class SecretFileError(ZkflError):
    """A secret's file is damaged, or the password is not its own."""


class _SecretFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["zkfl.secret.v1"] = "zkfl.secret.v1"
    purpose: str
    cost: Annotated[int, Field(ge=2, le=_LARGEST_COST)]
    salt: Base64Bytes
    nonce: Base64Bytes
    ciphertext: Base64Bytes


def is_sealed(content: bytes) -> bool:
    """Tell whether a file's content is a sealed secret; folders of old hold plain ones."""
    return content.startswith(_MARK)


def resembles_sealed(content: bytes) -> bool:
    """Tell whether it was a sealed secret, laid out anew since; never true of a plain secret."""
    return _LAID_OUT_ANEW.match(content) is not None


def seal_secret(secret: bytes, password: str, purpose: str, cost: int) -> bytes:
    """Return the content of a file that holds a secret.

    Parameters
    ----------
    secret, password
        What is kept, and what opens it.
    purpose
        What it is, such as ``mask key``.
    cost
        Scrypt's ``n``, a power of 2.
    """
    if not password:
        raise SecretFileError(f"an empty password would leave the {purpose} in the open")
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    sealed = _cipher(password, salt, cost).encrypt(nonce, secret, _bound(purpose, cost))
    parts = {"format": "zkfl.secret.v1", "purpose": purpose, "cost": cost}
    encoded = {"salt": salt, "nonce": nonce, "ciphertext": sealed}
    texts = {name: base64.b64encode(value).decode() for name, value in encoded.items()}
    return json.dumps(parts | texts, separators=(",", ":")).encode()


def open_secret(content: bytes, passwords: Iterable[str], purpose: str) -> bytes:
    """Return the secret of a file; passwords are tried one after another.

    Raises
    ------
    SecretFileError
        The file is damaged or holds something else, or no password opens it.
    """
    file = _parsed(content, purpose)
    for password in passwords:
        cipher = _cipher(password, file.salt, file.cost)
        try:
            return cipher.decrypt(file.nonce, file.ciphertext, _bound(purpose, file.cost))
        except (InvalidTag, ValueError):
            continue
    raise SecretFileError(
        f"the {purpose} does not open: the password is not the one that it was kept under, or the "
        "file was changed"
    )


def _parsed(content: bytes, purpose: str) -> _SecretFile:
    try:
        file = _SecretFile.model_validate_json(content)
    except ValidationError:
        # the cause could quote the file, so it is not chained
        raise SecretFileError(f"the file of the {purpose} is damaged: restore it") from None
    if file.purpose != purpose or file.cost & (file.cost - 1):
        raise SecretFileError(f"the file of the {purpose} holds something else: restore it")
    return file


def _cipher(password: str, salt: bytes, cost: int) -> ChaCha20Poly1305:
    scrypt = Scrypt(salt, _KEY_BYTES, cost, _BLOCK_SIZE, _PARALLELISM)
    return ChaCha20Poly1305(scrypt.derive(password.encode()))


def _bound(purpose: str, cost: int) -> bytes:
    return f"zkfl.secret.v1\n{purpose}\n{cost}".encode()
