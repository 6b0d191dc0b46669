"""Contexts: what is public holds no secret, and parameters are the agreed ones."""

from collections.abc import Callable
from typing import Any

import pytest
import tenseal

from zkfl.encryption import EncryptionScheme, require_secret_context
from zkfl.encryption.bfv import PLAIN_MODULUS
from zkfl.encryption.errors import ContextError, SecretKeyMissingError, SecretKeyPresentError
from zkfl.encryption.scheme import MAX_CONTEXT_BYTES

BFV, CKKS = tenseal.SCHEME_TYPE.BFV, tenseal.SCHEME_TYPE.CKKS
OTHER_PLAIN_MODULUS = 1_032_193


def ckks(degree: int, bits: list[int], scale: float) -> Any:  # noqa: ANN401 - no types
    context = tenseal.context(CKKS, degree, coeff_mod_bit_sizes=bits)
    context.global_scale = scale
    return context


FOREIGN: dict[str, Callable[[], Any]] = {
    "bfv, default moduli": lambda: tenseal.context(BFV, 8192, PLAIN_MODULUS),
    "bfv, another t": lambda: tenseal.context(BFV, 8192, OTHER_PLAIN_MODULUS, [54, 54, 55]),
    "bfv, N = 16384": lambda: tenseal.context(BFV, 16384, 786_433, [54, 54, 55]),
    "ckks, another scale": lambda: ckks(8192, [60, 40, 60], 2.0**39),
    "ckks, more moduli": lambda: ckks(8192, [60, 40, 40, 60], 2.0**40),
    "ckks, N = 16384": lambda: ckks(16384, [60, 40, 60], 2.0**40),
}


def serialize(context: Any, *, secret: bool = False, public: bool = True) -> bytes:  # noqa: ANN401
    data: bytes = context.serialize(
        save_public_key=public,
        save_secret_key=secret,
        save_galois_keys=False,
        save_relin_keys=False,
    )
    return data


def test_the_public_context_encrypts_and_cannot_decrypt(
    scheme: EncryptionScheme, public: bytes
) -> None:
    context = scheme.load_public(public)
    assert context.has_public_key()
    assert not context.has_secret_key()
    assert not context.is_private()
    with pytest.raises(SecretKeyMissingError, match="cannot decrypt"):
        scheme.decrypt(public, scheme.encrypt(public, [1]), 1)


def test_refuses_a_public_context_that_holds_the_secret(
    scheme: EncryptionScheme, secret: bytes
) -> None:
    with pytest.raises(SecretKeyPresentError, match="everyone who has seen it can decrypt"):
        scheme.load_public(secret)
    with pytest.raises(SecretKeyPresentError):
        scheme.encrypt(secret, [1])


def test_the_public_context_comes_back_from_the_secret(
    scheme: EncryptionScheme, secret: bytes, public: bytes
) -> None:
    assert scheme.public_of(secret) == public
    with pytest.raises(SecretKeyMissingError, match="cannot decrypt"):
        scheme.public_of(public)


def test_tells_a_context_that_decrypts(secret: bytes, public: bytes) -> None:
    require_secret_context(secret)
    with pytest.raises(SecretKeyMissingError, match="cannot decrypt"):
        require_secret_context(public)
    for junk in (b"", b"x" * 1_000, bytes(MAX_CONTEXT_BYTES + 1)):
        with pytest.raises(ContextError):
            require_secret_context(junk)


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
def test_refuses_other_parameters(scheme: EncryptionScheme, make: Callable[[], Any]) -> None:
    with pytest.raises(ContextError, match=f"are not those of {scheme.name}"):
        scheme.load_public(serialize(make()))


def test_refuses_a_context_without_a_public_key(scheme: EncryptionScheme, public: bytes) -> None:
    bare = serialize(tenseal.context_from(public), public=False)
    with pytest.raises(ContextError, match="no public key"):
        scheme.load_public(bare)


@pytest.mark.parametrize("content", [b"", b"\0", b"x" * 1_000, bytes(5_000)])
def test_refuses_garbage(scheme: EncryptionScheme, content: bytes) -> None:
    with pytest.raises(ContextError):
        scheme.load_public(content)


def test_refuses_truncated_and_oversized_contexts(scheme: EncryptionScheme, public: bytes) -> None:
    for kept in (50, 1_000, len(public) - 1):
        with pytest.raises(ContextError, match="no encryption context"):
            scheme.load_public(public[:kept])
    with pytest.raises(ContextError, match="is too large"):
        scheme.load_public(bytes(16 * 1024 * 1024 + 1))


def test_holds_no_keys_for_products_and_rotations(scheme: EncryptionScheme, public: bytes) -> None:
    context = scheme.load_public(public)
    assert not context.has_galois_keys()
    assert not context.has_relin_keys()
