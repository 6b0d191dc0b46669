"""One interface over TenSEAL's BFV and CKKS: encrypt vectors, add them blindly, open sums."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import tenseal

from zkfl.encryption.container import Container, largest_container, parse
from zkfl.encryption.errors import (
    LIBRARY_ERRORS,
    CiphertextContextError,
    ContextError,
    DecryptionError,
    SecretKeyMissingError,
    SecretKeyPresentError,
    SumCapacityError,
)
from zkfl.limbs import LARGEST_SUMMED_LIMB, LIMBS, MAX_SUMMANDS, from_limbs, to_limbs

POLYNOMIAL_DEGREE = 8192
"""N; with the coefficient moduli below, 128 bits of security (homomorphicencryption.org
standard, table 1)."""
MAX_CONTEXT_BYTES = 16 * 1024 * 1024
_FRESH_POLYNOMIALS = 2
"""Polynomials of a ciphertext that nobody multiplied."""


class EncryptionScheme(ABC):
    """Vectors of field elements, encrypted so that they can be added.

    Attributes
    ----------
    name
        ``bfv`` or ``ckks``.
    slots
        Numbers a ciphertext holds.
    ciphertext_scale
        Factor between numbers and plaintexts; 1 where they are the same.
    """

    name: str
    slots: int
    ciphertext_scale: float

    def generate(self) -> tuple[bytes, bytes]:
        """Make a key pair; return the secret and the public context as bytes.

        The secret context must not leave the key holder. The public one encrypts and adds.
        """
        context = self._fresh_context()
        secret = _serialize(context, secret=True, public=True)
        return secret, _serialize(context, secret=False, public=True)

    def public_of(self, secret: bytes) -> bytes:
        """Return the public context that `generate` returned with a secret one.

        Raises
        ------
        ContextError
            The secret context is malformed or has other parameters than the consortium's.
        SecretKeyMissingError
            It is a public one.
        """
        context = self._load(secret)
        _require_secret(context)
        return _serialize(context, secret=False, public=True)

    def load_public(self, data: bytes) -> Any:  # noqa: ANN401 - TenSEAL ships no types
        """Load a public context.

        Raises
        ------
        ContextError
            It is malformed or has other parameters than the consortium's.
        SecretKeyPresentError
            It holds a secret key: whoever made it gave it away; make a new one.
        """
        context = self._load(data)
        if context.has_secret_key():
            raise SecretKeyPresentError(
                "the public context holds a secret key: everyone who has seen it can decrypt; "
                "the key holder must make a new one"
            )
        if not context.has_public_key():
            raise ContextError("the public context holds no public key to encrypt under")
        return context

    def encrypt(self, public: bytes, vector: Sequence[int]) -> bytes:
        """Encrypt ``n`` field elements under a public context; return a ciphertext file.

        Raises
        ------
        FieldError
            An entry is no field element.
        ContextError, SecretKeyPresentError
            The context is not fit to encrypt under.
        """
        context = self.load_public(public)
        limbs = to_limbs(vector)
        pieces = [limbs[i : i + self.slots] for i in range(0, len(limbs), self.slots)]
        chunks = tuple(self._encrypt(context, piece).serialize() for piece in pieces)
        return Container(self.name, _digest(public), len(vector), chunks).to_bytes()

    def largest_ciphertext(self, entries: int) -> int:
        """Return the most bytes that a ciphertext file of so many field elements can have."""
        return largest_container(entries, self.slots, LIMBS)

    def check(self, public: bytes, ciphertext: bytes, entries: int) -> None:
        """Check that a ciphertext file could be added to others.

        Raises
        ------
        CiphertextFormatError, CiphertextContextError
            It could not.
        """
        self._open(self.load_public(public), _digest(public), ciphertext, entries)

    def add(self, public: bytes, ciphertexts: Sequence[bytes], entries: int) -> bytes:
        """Add ciphertext files of ``entries`` field elements each.

        Raises
        ------
        SumCapacityError
            There are none or too many of them.
        CiphertextFormatError, CiphertextContextError
            One is not fit to be added.
        """
        if not 1 <= len(ciphertexts) <= MAX_SUMMANDS:
            raise SumCapacityError(
                f"a sum takes 1 to {MAX_SUMMANDS} vectors, got {len(ciphertexts)}: more could "
                "overflow the limbs"
            )
        context, digest = self.load_public(public), _digest(public)
        total = self._open(context, digest, ciphertexts[0], entries)
        for ciphertext in ciphertexts[1:]:
            opened = self._open(context, digest, ciphertext, entries)
            total = [a + b for a, b in zip(total, opened, strict=True)]
        chunks = tuple(chunk.serialize() for chunk in total)
        return Container(self.name, digest, entries, chunks).to_bytes()

    def decrypt(self, secret: bytes, ciphertext: bytes, entries: int) -> list[int]:
        """Open a ciphertext file to ``entries`` field elements.

        Only integers are returned: an approximate plaintext would leak the key
        (Li and Micciancio, EUROCRYPT 2021, https://eprint.iacr.org/2020/1533).

        Raises
        ------
        SecretKeyMissingError
            The context cannot decrypt.
        CiphertextFormatError, CiphertextContextError, DecryptionError
            The ciphertext is none, or holds no limbs.
        """
        context = self._load(secret)
        _require_secret(context)
        digest = _digest(_serialize(context, secret=False, public=True))
        limbs: list[int] = []
        for chunk in self._open(context, digest, ciphertext, entries):
            limbs += self._integers(chunk.decrypt())
        limbs = limbs[: entries * LIMBS]
        # Limbs in no range are no sum of limbs; a joined element would hide that.
        if any(not 0 <= limb <= LARGEST_SUMMED_LIMB for limb in limbs):
            raise DecryptionError(
                "the ciphertext holds numbers outside the range of summed limbs: it was made for "
                "another purpose or under another key"
            )
        return from_limbs(limbs)

    def _load(self, data: bytes) -> Any:  # noqa: ANN401 - TenSEAL ships no types
        if len(data) > MAX_CONTEXT_BYTES:
            raise ContextError(f"a context of {len(data)} bytes is too large")
        try:
            context = tenseal.context_from(data)
            same = _serialize(context, secret=False, public=False) == self._agreed_parameters
        except LIBRARY_ERRORS as error:
            raise ContextError(f"the bytes are no encryption context: {error}") from error
        if not same:
            raise ContextError(
                f"the context's parameters are not those of {self.name} in this consortium"
            )
        return context

    @cached_property
    def _agreed_parameters(self) -> bytes:
        """Scheme, N, moduli and scale, as TenSEAL serialises a context without keys."""
        return _serialize(self._fresh_context(), secret=False, public=False)

    def _open(
        self,
        context: Any,  # noqa: ANN401 - TenSEAL ships no types
        digest: bytes,
        ciphertext: bytes,
        entries: int,
    ) -> list[Any]:
        container = parse(ciphertext, self.name, self.slots, LIMBS)
        if container.context != digest:
            raise CiphertextContextError(
                f"the ciphertext was made for the encryption context {container.context.hex()}, "
                f"this one is {digest.hex()}: fetch the context of this round and encrypt again"
            )
        if container.entries != entries:
            raise CiphertextContextError(
                f"the ciphertext holds {container.entries} entries, the model has {entries}"
            )
        needed = entries * LIMBS
        sizes = [min(self.slots, needed - i) for i in range(0, needed, self.slots)]
        return [
            self._read(context, chunk, size)
            for chunk, size in zip(container.chunks, sizes, strict=True)
        ]

    def _read(self, context: Any, chunk: bytes, size: int) -> Any:  # noqa: ANN401
        try:
            vector = self._from_bytes(context, chunk)
            actual, polynomials = vector.size(), vector.ciphertext()
        except LIBRARY_ERRORS as error:
            raise CiphertextContextError(
                f"a ciphertext does not belong to this encryption context: {error}"
            ) from error
        if actual != size or len(polynomials) != 1:
            raise CiphertextContextError(f"a ciphertext of {actual} slots should have {size}")
        self._require_fresh(context, polynomials[0])
        return vector

    def _require_fresh(self, context: Any, inner: Any) -> None:  # noqa: ANN401 - no types
        """Refuse levels, scales and sizes that encryption and addition never produce."""
        if inner.parms_id() != context.seal_context().data.first_parms_id():
            raise CiphertextContextError("a ciphertext was switched to a smaller modulus")
        if inner.size() != _FRESH_POLYNOMIALS or inner.is_transparent():
            raise CiphertextContextError(
                f"a ciphertext of {inner.size()} polynomials is multiplied or not encrypted at all"
            )
        if inner.scale != self.ciphertext_scale:
            raise CiphertextContextError(
                f"a ciphertext has the scale {inner.scale}, the consortium {self.ciphertext_scale}"
            )

    @abstractmethod
    def _fresh_context(self) -> Any: ...  # noqa: ANN401

    @abstractmethod
    def _encrypt(self, context: Any, numbers: list[int]) -> Any: ...  # noqa: ANN401

    @abstractmethod
    def _from_bytes(self, context: Any, chunk: bytes) -> Any: ...  # noqa: ANN401

    @abstractmethod
    def _integers(self, numbers: Sequence[float]) -> list[int]: ...


def require_secret_context(data: bytes) -> None:
    """Check that bytes are a context that can decrypt, of whichever scheme.

    Raises
    ------
    ContextError
        They are no context.
    SecretKeyMissingError
        It is a public one.
    """
    if len(data) > MAX_CONTEXT_BYTES:
        raise ContextError(f"a context of {len(data)} bytes is too large")
    try:
        context = tenseal.context_from(data)
    except LIBRARY_ERRORS as error:
        raise ContextError(f"the bytes are no encryption context: {error}") from error
    _require_secret(context)


def _require_secret(context: Any) -> None:  # noqa: ANN401 - TenSEAL ships no types
    if not context.has_secret_key():
        raise SecretKeyMissingError("this context holds no secret key: it cannot decrypt")


def _serialize(context: Any, *, secret: bool, public: bool) -> bytes:  # noqa: ANN401
    data: bytes = context.serialize(
        save_public_key=public,
        save_secret_key=secret,
        save_galois_keys=False,
        save_relin_keys=False,
    )
    return data


def _digest(public: bytes) -> bytes:
    return hashlib.sha256(public).digest()
