"""G1 by precompiles against py_ecc, an independent implementation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_ecc.optimized_bn128 import optimized_curve as ecc

from zkfl.curve import (
    G1,
    G2,
    INFINITY,
    CurveError,
    G1Point,
    G2Point,
    add,
    decode_point,
    encode_point,
    linear_combination,
    multiply,
    negate,
    pairing_product_is_one,
    require_on_curve,
    subtract,
    total,
)
from zkfl.field import BASE_MODULUS, SCALAR_MODULUS

OFF_CURVE = G1Point(1, 3)
scalars = st.integers(0, SCALAR_MODULUS - 1)


def oracle(scalar: int) -> G1Point:
    x, y = ecc.normalize(ecc.multiply(ecc.G1, scalar))
    return G1Point(int(x), int(y))


@settings(max_examples=20, deadline=None)
@given(scalars, scalars)
def test_agrees_with_another_implementation(a: int, b: int) -> None:
    assert multiply(G1, a) == oracle(a)
    assert add(multiply(G1, a), multiply(G1, b)) == oracle((a + b) % SCALAR_MODULUS)
    assert subtract(multiply(G1, a), multiply(G1, b)) == oracle((a - b) % SCALAR_MODULUS)


def test_infinity_is_neutral() -> None:
    assert add(G1, INFINITY) == G1
    assert add(G1, negate(G1)) == INFINITY
    assert negate(INFINITY) == INFINITY
    assert multiply(G1, SCALAR_MODULUS) == INFINITY
    assert total([]) == INFINITY


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-(2**40), 2**40) | scalars, max_size=5))
def test_linear_combination_is_the_sum_of_products(factors: list[int]) -> None:
    points = [multiply(G1, place + 2) for place in range(len(factors))]
    products = [multiply(point, factor) for point, factor in zip(points, factors, strict=True)]
    assert linear_combination(factors, points) == total(products)


def test_points_survive_encoding() -> None:
    assert decode_point(encode_point(multiply(G1, 7))) == multiply(G1, 7)


def test_pairing_is_bilinear() -> None:
    assert pairing_product_is_one([(G1, G2), (negate(G1), G2)])
    assert not pairing_product_is_one([(G1, G2), (G1, G2)])


@pytest.mark.parametrize(
    ("point", "message"),
    [
        (OFF_CURVE, "is not on BN254"),
        (G1Point(BASE_MODULUS + 1, 2), r"coordinates lie in \[0, q\)"),
        (G1Point(1, -2), r"coordinates lie in \[0, q\)"),
    ],
)
def test_refuses_what_is_no_point(point: G1Point, message: str) -> None:
    with pytest.raises(CurveError, match=message):
        require_on_curve(point)
    with pytest.raises(CurveError):
        add(point, G1)
    with pytest.raises(CurveError):
        multiply(point, 2)
    with pytest.raises(CurveError):
        negate(point)


def test_refuses_encodings_of_no_point() -> None:
    with pytest.raises(CurveError, match="64 bytes, got 63"):
        decode_point(bytes(63))
    with pytest.raises(CurveError, match="is not on BN254"):
        decode_point(encode_point(OFF_CURVE))


def test_refuses_unequal_lengths() -> None:
    with pytest.raises(CurveError, match="2 scalars do not match 1 points"):
        linear_combination([1, 2], [G1])


def test_pairing_refuses_what_is_not_in_g2() -> None:
    with pytest.raises(CurveError, match="not in its subgroup"):
        pairing_product_is_one([(G1, G2Point(1, 2, 3, 4))])
    with pytest.raises(CurveError, match="no point of G2"):
        pairing_product_is_one([(G1, G2Point(BASE_MODULUS, 2, 3, 4))])
