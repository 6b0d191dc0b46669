"""Homomorphic sums are exact, up to the largest cohort with the largest entries."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zkfl.encryption import EncryptionError, EncryptionScheme, scheme_named
from zkfl.encryption.errors import SumCapacityError
from zkfl.field import SCALAR_MODULUS, FieldError, random_elements
from zkfl.limbs import LARGEST_SUMMED_LIMB, LIMBS, MAX_SUMMANDS, from_limbs, to_limbs

elements = st.integers(0, SCALAR_MODULUS - 1)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(elements, elements, elements), min_size=1, max_size=5))
def test_sums_are_exact(
    scheme: EncryptionScheme, secret: bytes, public: bytes, rows: list[tuple[int, ...]]
) -> None:
    files = [scheme.encrypt(public, row) for row in rows]
    expected = [sum(column) % SCALAR_MODULUS for column in zip(*rows, strict=True)]
    assert scheme.decrypt(secret, scheme.add(public, files, 3), 3) == expected


def test_the_largest_cohort_with_the_largest_limbs(
    scheme: EncryptionScheme, secret: bytes, public: bytes
) -> None:
    largest = (SCALAR_MODULUS >> 16 << 16) - 1
    file = scheme.encrypt(public, [largest, SCALAR_MODULUS - 1])
    total = scheme.decrypt(secret, scheme.add(public, [file] * MAX_SUMMANDS, 2), 2)
    assert total == [
        MAX_SUMMANDS * largest % SCALAR_MODULUS,
        -MAX_SUMMANDS % SCALAR_MODULUS,
    ]


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_vectors_around_the_size_of_a_ciphertext(
    scheme: EncryptionScheme, secret: bytes, public: bytes, extra: int
) -> None:
    vector = random_elements(scheme.slots // LIMBS + extra)
    file = scheme.encrypt(public, vector)
    assert scheme.decrypt(secret, file, len(vector)) == vector


def test_refuses_sums_that_could_overflow(scheme: EncryptionScheme, public: bytes) -> None:
    file = scheme.encrypt(public, [1])
    with pytest.raises(SumCapacityError, match=f"got {MAX_SUMMANDS + 1}"):
        scheme.add(public, [file] * (MAX_SUMMANDS + 1), 1)
    with pytest.raises(SumCapacityError, match="got 0"):
        scheme.add(public, [], 1)


def test_refuses_entries_that_are_no_field_elements(
    scheme: EncryptionScheme, public: bytes
) -> None:
    for entry in (-1, SCALAR_MODULUS):
        with pytest.raises(FieldError, match="is not a field element"):
            scheme.encrypt(public, [entry])


def test_the_same_vector_encrypts_differently_each_time(
    scheme: EncryptionScheme, public: bytes
) -> None:
    assert scheme.encrypt(public, [5]) != scheme.encrypt(public, [5])


@given(st.lists(elements, max_size=5))
def test_limbs_join_to_what_was_split(vector: list[int]) -> None:
    assert from_limbs(to_limbs(vector)) == vector


@given(st.lists(st.integers(0, LARGEST_SUMMED_LIMB), min_size=LIMBS, max_size=LIMBS))
def test_summed_limbs_carry(limbs: list[int]) -> None:
    expected = sum(limb << (16 * place) for place, limb in enumerate(limbs)) % SCALAR_MODULUS
    assert from_limbs(limbs) == [expected]


def test_refuses_unknown_schemes() -> None:
    with pytest.raises(EncryptionError, match="no scheme is named 'rsa'"):
        scheme_named("rsa")
