"""Ciphertext files that nobody honest makes; each is refused with its own error."""

import hashlib
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tenseal
import tenseal.sealapi

from zkfl.encryption import EncryptionError, EncryptionScheme
from zkfl.encryption.container import Container, parse
from zkfl.encryption.errors import (
    CiphertextContextError,
    CiphertextFormatError,
    DecryptionError,
)
from zkfl.limbs import LARGEST_SUMMED_LIMB, LIMBS

ENTRIES = 2
HEADER = 8 + 4 + 32 + 4 + 4
FAR_TOO_LARGE = 2**39


@pytest.fixture(scope="module")
def file(scheme: EncryptionScheme, public: bytes) -> bytes:
    return scheme.encrypt(public, [3, 4])


def parsed(scheme: EncryptionScheme, file: bytes) -> Container:
    return parse(file, scheme.name, scheme.slots, LIMBS)


def patched(file: bytes, offset: int, replacement: bytes) -> bytes:
    return file[:offset] + replacement + file[offset + len(replacement) :]


def context_of(scheme: EncryptionScheme, public: bytes) -> Any:  # noqa: ANN401 - no types
    return scheme.load_public(public)


def vector(scheme: EncryptionScheme, context: Any, numbers: list[int]) -> Any:  # noqa: ANN401
    make = tenseal.bfv_vector if scheme.name == "bfv" else tenseal.ckks_vector
    return make(context, numbers)


def wrapped(scheme: EncryptionScheme, public: bytes, inner: Any) -> bytes:  # noqa: ANN401
    digest = hashlib.sha256(public).digest()
    return Container(scheme.name, digest, ENTRIES, (inner.serialize(),)).to_bytes()


def test_accepts_what_it_made(scheme: EncryptionScheme, public: bytes, file: bytes) -> None:
    scheme.check(public, file, ENTRIES)
    assert parsed(scheme, file).to_bytes() == file


@pytest.mark.parametrize("kept", [0, 1, HEADER - 1, HEADER, HEADER + 3, HEADER + 40, -1])
def test_refuses_truncation(
    scheme: EncryptionScheme, public: bytes, file: bytes, kept: int
) -> None:
    with pytest.raises(CiphertextFormatError):
        scheme.check(public, file[:kept], ENTRIES)


HEADERS = {
    "magic": (0, b"zkfl-he9", "the file begins with"),
    "scheme": (8, b"rsa\0", "the file is of scheme"),
    "no entries": (44, bytes(4), "0 entries do not come in 1"),
    "entries for more ciphertexts": (44, b"\0\0\xff\xff", "65535 entries do not come in 1"),
    "absurd entries": (44, b"\xff" * 4, "4294967295 entries"),
    "no ciphertexts": (48, bytes(4), "do not come in 0"),
    "absurd ciphertexts": (48, b"\xff" * 4, "do not come in 4294967295"),
    "length of nothing": (52, bytes(4), "claims 0 bytes"),
    "absurd length": (52, b"\xff" * 4, "claims 4294967295 bytes"),
    "short length": (52, b"\0\0\0\x09", "bytes follow the last ciphertext"),
}


@pytest.mark.parametrize("lie", HEADERS.values(), ids=HEADERS)
def test_refuses_headers_that_lie(
    scheme: EncryptionScheme, public: bytes, file: bytes, lie: tuple[int, bytes, str]
) -> None:
    offset, content, message = lie
    with pytest.raises(CiphertextFormatError, match=message):
        scheme.check(public, patched(file, offset, content), ENTRIES)


def test_refuses_trailing_bytes(scheme: EncryptionScheme, public: bytes, file: bytes) -> None:
    with pytest.raises(CiphertextFormatError, match="1 bytes follow"):
        scheme.check(public, file + b"x", ENTRIES)


def test_refuses_the_other_scheme(scheme: EncryptionScheme, public: bytes, file: bytes) -> None:
    other = "ckks" if scheme.name == "bfv" else "bfv"
    disguised = patched(file, 8, other.encode().ljust(4, b"\0"))
    with pytest.raises(CiphertextFormatError, match=f"the consortium uses {scheme.name}"):
        scheme.check(public, disguised, ENTRIES)


def test_refuses_another_number_of_entries(
    scheme: EncryptionScheme, public: bytes, file: bytes
) -> None:
    with pytest.raises(CiphertextContextError, match="holds 2 entries, the model has 3"):
        scheme.check(public, file, ENTRIES + 1)


def test_refuses_a_file_for_another_context(
    scheme: EncryptionScheme, secret: bytes, public: bytes
) -> None:
    _, other = scheme.generate()
    foreign = scheme.encrypt(other, [3, 4])
    for call in (
        lambda: scheme.check(public, foreign, ENTRIES),
        lambda: scheme.add(public, [foreign], ENTRIES),
        lambda: scheme.decrypt(secret, foreign, ENTRIES),
    ):
        with pytest.raises(CiphertextContextError, match="was made for the encryption context"):
            call()


def test_a_lie_about_the_context_shows_when_decrypted(
    scheme: EncryptionScheme, secret: bytes, public: bytes
) -> None:
    _, other = scheme.generate()
    foreign = parsed(scheme, scheme.encrypt(other, [3, 4]))
    lie = replace(foreign, context=hashlib.sha256(public).digest()).to_bytes()
    with pytest.raises(DecryptionError):
        scheme.decrypt(secret, lie, ENTRIES)


@pytest.mark.parametrize("number", [-1, LARGEST_SUMMED_LIMB + 1, FAR_TOO_LARGE])
def test_refuses_numbers_that_are_no_sums_of_limbs(
    scheme: EncryptionScheme, secret: bytes, public: bytes, number: int
) -> None:
    numbers = [0] * (ENTRIES * LIMBS - 1) + [number]
    hostile = wrapped(scheme, public, vector(scheme, context_of(scheme, public), numbers))
    with pytest.raises(DecryptionError) as caught:
        scheme.decrypt(secret, hostile, ENTRIES)
    assert str(number) not in str(caught.value)


def test_refuses_another_number_of_slots(scheme: EncryptionScheme, public: bytes) -> None:
    inner = vector(scheme, context_of(scheme, public), [1] * (ENTRIES * LIMBS + 1))
    with pytest.raises(CiphertextContextError, match="of 33 slots should have 32"):
        scheme.check(public, wrapped(scheme, public, inner), ENTRIES)


def test_refuses_a_product(scheme: EncryptionScheme, public: bytes, tmp_path: Path) -> None:
    context = context_of(scheme, public)
    inner = vector(scheme, context, [1] * (ENTRIES * LIMBS))
    product = tenseal.sealapi.Ciphertext()
    evaluator = tenseal.sealapi.Evaluator(context.seal_context().data)
    evaluator.square(inner.ciphertext()[0], product)
    product.save(str(tmp_path / "product"))
    hostile = with_ciphertext(inner.serialize(), (tmp_path / "product").read_bytes())
    digest = hashlib.sha256(public).digest()
    container = Container(scheme.name, digest, ENTRIES, (hostile,)).to_bytes()
    with pytest.raises(CiphertextContextError, match="3 polynomials"):
        scheme.check(public, container, ENTRIES)


def with_ciphertext(serialized: bytes, ciphertext: bytes) -> bytes:
    """Put another ciphertext (field 2, of bytes) into TenSEAL's message after its sizes."""
    sizes = serialized[: 2 + serialized[1]]
    length = len(ciphertext)
    varint = bytearray()
    while length:
        varint.append(length & 0x7F | (0x80 if length > 0x7F else 0))
        length >>= 7
    return sizes + b"\x12" + bytes(varint) + ciphertext


def test_refuses_a_vector_without_ciphertexts(scheme: EncryptionScheme, public: bytes) -> None:
    inner = vector(scheme, context_of(scheme, public), [1] * (ENTRIES * LIMBS)).serialize()
    digest = hashlib.sha256(public).digest()
    for chunk in (inner[:3], inner + inner):  # its size alone, and everything twice
        hostile = Container(scheme.name, digest, ENTRIES, (chunk,)).to_bytes()
        with pytest.raises(CiphertextContextError):
            scheme.check(public, hostile, ENTRIES)


def test_survives_random_damage(scheme: EncryptionScheme, public: bytes, file: bytes) -> None:
    """Damage is refused, or goes unnoticed until decryption; it never ends the process."""
    generator = random.Random(7)  # noqa: S311 - damage, reproducible
    refusals = 0
    for _ in range(40):
        offset = HEADER + 4 + generator.randrange(200)
        damaged = patched(file, offset, generator.randbytes(3))
        try:
            scheme.check(public, damaged, ENTRIES)
        except EncryptionError:
            refusals += 1
    assert refusals > 0
