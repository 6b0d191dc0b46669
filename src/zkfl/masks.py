"""Pairwise masks that hide each update and vanish from the sum over the cohort.

After Bonawitz et al., Practical Secure Aggregation (CCS 2017), section 4,
https://eprint.iacr.org/2017/281, without its secret sharing: a round that loses a member
is attempted again.
"""

from collections.abc import Collection, Mapping

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zkfl.chain.protocol import mask_context
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS

__all__ = [
    "MIN_COHORT",
    "MaskCohortError",
    "MaskError",
    "MaskKey",
    "MaskKeyError",
    "mask_context",
    "mask_vector",
    "pair_masks",
]

KEY_BYTES = 32
MIN_COHORT = 3
"""A sum of two updates would reveal each to the other member."""
_CONTEXT_BYTES = 32
_INFO = b"zkfl.mask.v1"
_NONCE = bytes(16)
_ENTRY_BYTES = 64
_CURVE25519_PRIME = 2**255 - 19


class MaskError(ZkflError):
    """No mask can be made from this."""


class MaskKeyError(MaskError):
    """A mask key is malformed, weak, or not the one announced."""


class MaskCohortError(MaskError):
    """The cohort is too small, lacks this member, or repeats a key or an address."""


class MaskKey:
    """A hospital's X25519 key pair; its representation never shows the secret."""

    def __init__(self, private: X25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> "MaskKey":
        """Draw a key from the operating system's generator."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, data: bytes) -> "MaskKey":
        """Load the 32 bytes of `private_bytes`; `MaskKeyError` for another length."""
        if len(data) != KEY_BYTES:
            raise MaskKeyError(f"a mask key has {KEY_BYTES} bytes, got {len(data)}")
        return cls(X25519PrivateKey.from_private_bytes(data))

    def private_bytes(self) -> bytes:
        """Return the 32 secret bytes, for a file that only the hospital reads."""
        return self._private.private_bytes_raw()

    def public_bytes(self) -> bytes:
        """Return the 32 public bytes, which the member announces on chain."""
        return self._private.public_key().public_bytes_raw()

    def pair_key(self, peer: bytes, context: bytes) -> bytes:
        """Return the 32-byte key that this hospital shares with a peer in one attempt.

        Parameters
        ----------
        peer
            The peer's public key, 32 bytes.
        context
            ``maskContext``, 32 bytes.

        Raises
        ------
        MaskKeyError
            The peer's key is malformed, not canonical, of low order, or our own.
        MaskError
            The context has another length.
        """
        _require_context(context)
        _require_public_key(peer)
        if peer == self.public_bytes():
            raise MaskKeyError("a peer announced our own mask key: it copied it from the chain")
        derivation = HKDF(SHA256(), length=KEY_BYTES, salt=context, info=_INFO)
        return derivation.derive(self._shared_secret(peer))

    def _shared_secret(self, peer: bytes) -> bytes:
        try:
            return self._private.exchange(X25519PublicKey.from_public_bytes(peer))
        except ValueError as error:
            raise MaskKeyError(
                f"the mask key {peer.hex()} is a point of low order: every secret shared with it "
                "is public; its owner must announce another"
            ) from error


def mask_vector(  # noqa: PLR0913, PLR0917 - as many as a mask depends on
    key: MaskKey,
    cohort: Mapping[str, bytes],
    address: str,
    context: bytes,
    length: int,
    unpaired: Collection[str] = (),
) -> list[int]:
    """Return ``m_i``, which cancels when the whole cohort adds its masks.

    ``m_i = sum_j m_ij mod p`` over the peers; raises as `pair_masks`.
    """
    masks = pair_masks(key, cohort, address, context, length, unpaired)
    return [sum(column) % SCALAR_MODULUS for column in zip(*masks.values(), strict=True)]


def pair_masks(  # noqa: PLR0913, PLR0917 - as many as a mask depends on
    key: MaskKey,
    cohort: Mapping[str, bytes],
    address: str,
    context: bytes,
    length: int,
    unpaired: Collection[str] = (),
) -> dict[str, list[int]]:
    """Return ``m_ij`` by peer, in the cohort's order; ``m_ij + m_ji = 0``.

    ``m_ij = sign(i, j) * PRG(i, j) mod p``, the sign positive where the own address is the
    smaller integer.

    Parameters
    ----------
    key
        The member's own.
    cohort
        Public key by address of the WHOLE cohort, the member included, as read from the chain.
    address
        The member's own.
    context
        ``maskContext`` of this chain, registry, round and attempt (32 bytes); a mask must
        never be used for two updates.
    length
        Entries of the mask.
    unpaired
        Peers with which the member shares no mask, after a dispute; zeros for them.

    Returns
    -------
    dict of str to list[int]
        ``length`` field elements for each peer.

    Raises
    ------
    MaskCohortError
        Fewer than 3 members, a repeated address, key or shared secret, the member is not
        among them, or fewer than half of its peers are left to share a mask with.
    MaskKeyError
        A key is weak or malformed, or the member's own differs from the announced one.
    MaskError
        The context or the length is malformed.
    """
    _require_context(context)
    if length < 1:
        raise MaskError(f"a mask has at least one entry, got {length}")
    own, keys = _checked_cohort(key, cohort, address)
    without = {_address_number(peer) for peer in unpaired}
    _require_paired(keys.keys() - {own}, without)
    pairs = _pair_keys(key, keys, own, context)
    masks = {}
    for member in cohort:
        peer = _address_number(member)
        if peer in without and peer != own:
            masks[member] = [0] * length
        elif peer != own:
            masks[member] = _signed(_stream(pairs[peer], length), negative=own > peer)
    return masks


def _require_paired(peers: Collection[int], without: Collection[int]) -> None:
    """Refuse more disputes than an honest member can come into without being excluded."""
    left = [peer for peer in peers if peer not in without]
    if 2 * len(left) < len(peers):
        raise MaskCohortError(
            f"only {len(left)} of {len(peers)} peers are left to share a mask with: nothing may "
            "be sent, since so few could read it together; sit the round out"
        )


def _signed(stream: list[int], *, negative: bool) -> list[int]:
    return [-entry % SCALAR_MODULUS for entry in stream] if negative else stream


def _pair_keys(
    key: MaskKey, keys: Mapping[int, bytes], own: int, context: bytes
) -> dict[int, bytes]:
    """Return the key shared with each peer; no two may be the same.

    A key with a point of low order added differs from the original but agrees with it on
    every secret (RFC 7748, section 7): two streams would be one, and could cancel.
    """
    pairs = {peer: key.pair_key(public, context) for peer, public in keys.items() if peer != own}
    if len(set(pairs.values())) != len(pairs):
        raise MaskCohortError(
            "two members' mask keys lead to one shared secret: one was made from the other's, and "
            "their masks could cancel; nothing may be sent until one announces another key"
        )
    return pairs


def _checked_cohort(
    key: MaskKey, cohort: Mapping[str, bytes], address: str
) -> tuple[int, dict[int, bytes]]:
    """Return the own address and the keys by address, addresses as integers."""
    keys = {_address_number(member): public for member, public in cohort.items()}
    own = _address_number(address)
    if len(keys) != len(cohort):
        raise MaskCohortError("an address occurs twice in the cohort, in different spellings")
    if len(keys) < MIN_COHORT:
        raise MaskCohortError(
            f"a cohort of {len(keys)} is too small: from a sum of two, each reads the other"
        )
    if own not in keys:
        raise MaskCohortError(f"{address} is not in the cohort: nothing of it may be sent")
    if keys[own] != key.public_bytes():
        raise MaskKeyError(
            f"the chain holds the mask key {keys[own].hex()} for {address}, this node has another: "
            "its masks would not cancel; announce this node's key between rounds"
        )
    if len(set(keys.values())) != len(keys):
        raise MaskCohortError("two members announced the same mask key: one copied the other's")
    return own, keys


def _address_number(address: str) -> int:
    digits = address.removeprefix("0x")
    try:
        raw = bytes.fromhex(digits)
    except ValueError as error:
        raise MaskCohortError(f"{address!r} is no address") from error
    if len(raw) != 20 or len(digits) != 40:  # noqa: PLR2004 - an address, in bytes and digits
        raise MaskCohortError(f"{address!r} is no address: it has {len(raw)} bytes, not 20")
    return int.from_bytes(raw, "big")


def _require_context(context: bytes) -> None:
    if len(context) != _CONTEXT_BYTES:
        raise MaskError(f"a mask context has {_CONTEXT_BYTES} bytes, got {len(context)}")


def _require_public_key(public: bytes) -> None:
    if len(public) != KEY_BYTES:
        raise MaskKeyError(f"a mask key has {KEY_BYTES} bytes, got {len(public)}")
    if int.from_bytes(public, "little") >= _CURVE25519_PRIME:
        raise MaskKeyError(
            f"the mask key {public.hex()} is not canonical: it may be a copy in another spelling"
        )


def _stream(key: bytes, length: int) -> list[int]:
    """Return ``length`` field elements of ChaCha20 under a key that is used once.

    64 bytes an entry, little-endian: reducing 512 bits leaves a bias below 2^-250.
    """
    encryptor = Cipher(ChaCha20(key, _NONCE), mode=None).encryptor()
    data = encryptor.update(bytes(_ENTRY_BYTES * length))
    return [
        int.from_bytes(data[i : i + _ENTRY_BYTES], "little") % SCALAR_MODULUS
        for i in range(0, len(data), _ENTRY_BYTES)
    ]
