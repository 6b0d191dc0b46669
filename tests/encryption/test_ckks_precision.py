"""CKKS plaintexts are approximate; only the integers that they stand for may be seen."""

import hashlib
from typing import Any

import pytest
import tenseal

from zkfl.encryption import EncryptionScheme, scheme_named
from zkfl.encryption.container import Container
from zkfl.encryption.errors import CiphertextContextError, DecryptionError
from zkfl.limbs import LIMBS

Pair = tuple[bytes, bytes]


@pytest.fixture(scope="module")
def ckks() -> EncryptionScheme:
    return scheme_named("ckks")


@pytest.fixture(scope="module")
def pair(ckks: EncryptionScheme) -> Pair:
    return ckks.generate()


def one_entry(public: bytes, inner: Any) -> bytes:  # noqa: ANN401 - TenSEAL ships no types
    return Container("ckks", hashlib.sha256(public).digest(), 1, (inner.serialize(),)).to_bytes()


def test_only_integers_are_returned(ckks: EncryptionScheme, pair: Pair) -> None:
    secret, public = pair
    (entry,) = ckks.decrypt(secret, ckks.encrypt(public, [12_345]), 1)
    assert entry == 12_345
    assert isinstance(entry, int)


@pytest.mark.parametrize("number", [0.25, 1_234.5])
def test_refuses_numbers_between_integers_without_telling_them(
    ckks: EncryptionScheme, pair: Pair, number: float
) -> None:
    secret, public = pair
    inner = tenseal.ckks_vector(ckks.load_public(public), [number] * LIMBS)
    with pytest.raises(DecryptionError, match="too far from integers") as caught:
        ckks.decrypt(secret, one_entry(public, inner), 1)
    assert str(number)[:3] not in str(caught.value)


@pytest.mark.parametrize("scale", [2.0**30, 2.0**41])
def test_refuses_another_scale(ckks: EncryptionScheme, pair: Pair, scale: float) -> None:
    _, public = pair
    inner = tenseal.ckks_vector(ckks.load_public(public), [1.0] * LIMBS, scale)
    with pytest.raises(CiphertextContextError, match="has the scale"):
        ckks.check(public, one_entry(public, inner), 1)


def test_refuses_a_ciphertext_of_a_lower_level(ckks: EncryptionScheme, pair: Pair) -> None:
    secret, public = pair
    context = tenseal.context_from(secret)
    context.generate_relin_keys()
    inner = tenseal.ckks_vector(context, [1.0] * LIMBS)
    with pytest.raises(CiphertextContextError, match="switched to a smaller modulus"):
        ckks.check(public, one_entry(public, inner * inner), 1)
