"""The HE key on its way from the key holder to a further one: sealed to one receiver's key.

HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and ChaCha20-Poly1305. Base mode names no
sender: what counts is that the secret opens what the announced public context encrypts, and the
receiver tries that before it keeps anything.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from zkfl.atomic_file import write_atomically
from zkfl.encryption import EncryptionError, EncryptionScheme
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS
from zkfl.node.home import NodeHome
from zkfl.node.key_store import KeyStoreError, keep_he_secret, load_he_secret, load_mask_key
from zkfl.party_card import PartyCard

SEALED_LIMIT = 17 * 1024 * 1024
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_DOMAIN = b"zkfl.sealed-he-key.v1\n"
_PROBES = 8
_PUBLIC_MODE = 0o644


class KeySharingError(ZkflError):
    """A sealed HE key is for somebody else, damaged, or the key of another context."""


def seal_he_key(home: NodeHome, receiver: PartyCard, context: str) -> bytes:
    """As the key holder: seal the HE secret to a hospital's X25519 key.

    Parameters
    ----------
    home
        Of a hospital that holds the secret.
    receiver
        The card of the hospital that is to hold it too; checked, and confirmed by its fingerprint.
    context
        SHA-256 of the public context, hexadecimal.

    Raises
    ------
    KeySharingError
        The receiver is no hospital.
    KeyStoreError
        This party holds no HE secret.
    """
    if receiver.mask_key is None:
        raise KeySharingError(f"{receiver.name} is no hospital: it has no key to seal to")
    key = X25519PublicKey.from_public_bytes(bytes.fromhex(receiver.mask_key))
    sealed = _SUITE.encrypt(load_he_secret(home), key, _info(receiver, context))
    return _DOMAIN + sealed


def open_he_key(
    home: NodeHome, own: PartyCard, sealed: bytes, public: bytes, scheme: EncryptionScheme
) -> bool:
    """Open a sealed HE secret, try it, and keep it; False if it was kept before.

    Parameters
    ----------
    home, own
        The receiver's folder and card.
    sealed
        As `seal_he_key` returned it.
    public
        The public context that the key holder announced.
    scheme
        The consortium's.

    Raises
    ------
    KeySharingError
        It was sealed to another key or for another context, was damaged, or does not open what
        the public context encrypts. Nothing is kept.
    KeyStoreError
        This party holds another HE secret.
    """
    secret = _opened(home, own, sealed, hashlib.sha256(public).hexdigest())
    require_opening(secret, public, scheme)
    is_new = not home.he_secret.exists()
    if is_new:
        keep_he_secret(home, secret)
    elif load_he_secret(home) != secret:
        raise KeyStoreError(f"{home.he_secret} holds another key: it is not overwritten")
    # also where an earlier run stopped between the two files
    write_atomically(home.he_public, public, _PUBLIC_MODE)
    return is_new


def _opened(home: NodeHome, own: PartyCard, sealed: bytes, context: str) -> bytes:
    if not sealed.startswith(_DOMAIN) or len(sealed) > SEALED_LIMIT:
        raise KeySharingError("this is no sealed HE key: take the file that zkfl he-key seal wrote")
    key = X25519PrivateKey.from_private_bytes(load_mask_key(home).private_bytes())
    try:
        return _SUITE.decrypt(sealed.removeprefix(_DOMAIN), key, _info(own, context))
    except (InvalidTag, ValueError) as error:
        raise KeySharingError(
            f"the sealed HE key does not open for {own.name} ({own.account}) and the context "
            f"{context}: it is for another hospital, for another context, or damaged; ask the key "
            "holder to seal it to the newest card"
        ) from error


def require_opening(secret: bytes, public: bytes, scheme: EncryptionScheme) -> None:
    """Try an HE secret on what nobody else can have encrypted.

    Raises
    ------
    KeySharingError
        It does not open what the public context encrypts.
    """
    probe = [secrets.randbelow(SCALAR_MODULUS) for _ in range(_PROBES)]
    try:
        opened = scheme.decrypt(secret, scheme.encrypt(public, probe), _PROBES)
    except EncryptionError as error:
        raise KeySharingError(
            f"the HE key is not that of the announced context: {error}"
        ) from error
    if opened != probe:
        raise KeySharingError(
            "the HE key does not open what the announced context encrypts: it is another key"
        )


def _info(receiver: PartyCard, context: str) -> bytes:
    """Bind a sealed key to the agreements, the context and the receiver."""
    account = bytes.fromhex(receiver.account[2:])
    return _DOMAIN + bytes.fromhex(receiver.consortium) + bytes.fromhex(context) + account
