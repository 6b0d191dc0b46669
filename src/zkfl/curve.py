"""BN254's G1 by the EVM's precompiles, so that Python and the contracts compute alike.

Source of the precompiles: EIP-196 and EIP-197, https://eips.ethereum.org/EIPS/eip-197
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import pyrevm

from zkfl.errors import ZkflError
from zkfl.field import BASE_MODULUS, SCALAR_MODULUS

COORDINATE_BYTES = 32
ProgressCallback = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""
_CURVE_B = 3
_ADD = "0x0000000000000000000000000000000000000006"
_MULTIPLY = "0x0000000000000000000000000000000000000007"
_PAIRING = "0x0000000000000000000000000000000000000008"
_CALLER = "0x0000000000000000000000000000000000000001"
_PROGRESS_STEP = 1024
_machines = threading.local()


class CurveError(ZkflError):
    """A point is not on the curve, or not in the group."""


class G1Point(NamedTuple):
    """An affine point of G1, coordinates in ``[0, q)``; ``(0, 0)`` is infinity."""

    x: int
    y: int


class G2Point(NamedTuple):
    """An affine point of G2; a coordinate is ``c0 + c1*i``, each part in ``[0, q)``."""

    x_c0: int
    x_c1: int
    y_c0: int
    y_c1: int


INFINITY = G1Point(0, 0)
G1 = G1Point(1, 2)
"""The generator of G1 in EIP-197."""
G2 = G2Point(
    10857046999023057135944570762232829481370756359578518086990519993285655852781,
    11559732032986387107991004021392285783925812861821192530917403151452391805634,
    8495653923123431417604973247489272438418190587263600148770280649306958101930,
    4082367875863433681332203403145435568316851327593401208105741076214120093531,
)
"""The generator of G2 in EIP-197."""


def require_on_curve(point: G1Point) -> None:
    """Raise `CurveError` unless the point is infinity or satisfies ``y^2 = x^3 + 3 mod q``."""
    x, y = point
    if not (0 <= x < BASE_MODULUS and 0 <= y < BASE_MODULUS):
        raise CurveError(f"({x}, {y}) is no point: coordinates lie in [0, q)")
    if point != INFINITY and (y * y - x * x * x - _CURVE_B) % BASE_MODULUS:
        raise CurveError(f"({x}, {y}) is not on BN254: the point was altered or misread")


def add(left: G1Point, right: G1Point) -> G1Point:
    """Return the sum of two points; `CurveError` if one is not on the curve."""
    return _point(_call(_ADD, encode_point(left) + encode_point(right)))


def multiply(point: G1Point, scalar: int) -> G1Point:
    """Return ``scalar`` times a point, the scalar taken mod ``p``.

    Raises
    ------
    CurveError
        The point is not on the curve.
    """
    factor = scalar % SCALAR_MODULUS
    return _point(_call(_MULTIPLY, encode_point(point) + _word(factor)))


def negate(point: G1Point) -> G1Point:
    """Return the inverse of a point; `CurveError` if it is not on the curve."""
    require_on_curve(point)
    return G1Point(point.x, -point.y % BASE_MODULUS)


def subtract(left: G1Point, right: G1Point) -> G1Point:
    """Return ``left - right``; `CurveError` if one is not on the curve."""
    return add(left, negate(right))


def total(points: Iterable[G1Point]) -> G1Point:
    """Return the sum of the points, infinity for none."""
    result = INFINITY
    for point in points:
        result = add(result, point)
    return result


def linear_combination(
    scalars: Sequence[int],
    points: Sequence[G1Point],
    on_progress: ProgressCallback | None = None,
) -> G1Point:
    """Return ``sum scalars[i] * points[i]``.

    A scalar above ``p/2`` multiplies the inverse point by its negative: the precompile's
    time grows with the bits of the scalar, and fixed-point numbers are small either way.

    Raises
    ------
    CurveError
        The lengths differ, or a point is not on the curve.
    """
    if len(scalars) != len(points):
        raise CurveError(f"{len(scalars)} scalars do not match {len(points)} points")
    result = INFINITY
    for done, (scalar, point) in enumerate(zip(scalars, points, strict=True), start=1):
        result = add(result, _short_multiply(point, scalar % SCALAR_MODULUS))
        if on_progress and (done % _PROGRESS_STEP == 0 or done == len(points)):
            on_progress(done, len(points))
    return result


def pairing_product_is_one(pairs: Sequence[tuple[G1Point, G2Point]]) -> bool:
    """Tell whether the product of ``e(a, b)`` over the pairs is one.

    Raises
    ------
    CurveError
        A point is not on its curve, or a G2 point is outside the subgroup.
    """
    data = b"".join(encode_point(a) + _g2_words(b) for a, b in pairs)
    return int.from_bytes(_call(_PAIRING, data), "big") == 1


def encode_point(point: G1Point) -> bytes:
    """Return 64 bytes, ``x`` then ``y``, big-endian; `CurveError` if one does not fit."""
    if not (0 <= point[0] < BASE_MODULUS and 0 <= point[1] < BASE_MODULUS):
        raise CurveError(f"{tuple(point)} is no point: coordinates lie in [0, q)")
    return _word(point[0]) + _word(point[1])


def decode_point(data: bytes) -> G1Point:
    """Return the point of 64 big-endian bytes.

    Raises
    ------
    CurveError
        Another length, or no point of the curve.
    """
    if len(data) != 2 * COORDINATE_BYTES:
        raise CurveError(f"a point takes {2 * COORDINATE_BYTES} bytes, got {len(data)}")
    point = _point(data)
    require_on_curve(point)
    return point


def _short_multiply(point: G1Point, scalar: int) -> G1Point:
    if scalar > SCALAR_MODULUS // 2:
        return multiply(negate(point), SCALAR_MODULUS - scalar)
    return point if scalar == 1 else multiply(point, scalar)


def _word(value: int) -> bytes:
    return value.to_bytes(COORDINATE_BYTES, "big")


def _g2_words(point: G2Point) -> bytes:
    """Encode as EIP-197 does, the imaginary part of each coordinate first."""
    if not all(0 <= part < BASE_MODULUS for part in point):
        raise CurveError(f"{tuple(point)} is no point of G2: coordinates lie in [0, q)")
    return b"".join(map(_word, (point.x_c1, point.x_c0, point.y_c1, point.y_c0)))


def _point(data: bytes) -> G1Point:
    return G1Point(
        int.from_bytes(data[:COORDINATE_BYTES], "big"),
        int.from_bytes(data[COORDINATE_BYTES:], "big"),
    )


def _call(precompile: str, data: bytes) -> bytes:
    try:
        return bytes(_machine().message_call(caller=_CALLER, to=precompile, calldata=data))
    except RuntimeError as error:
        raise CurveError(
            f"the precompile {precompile} refused 0x{data.hex()}: a point is not on the curve, "
            "or not in its subgroup"
        ) from error


def _machine() -> pyrevm.EVM:
    """Return this thread's EVM; one is never shared between threads."""
    if not hasattr(_machines, "evm"):
        _machines.evm = pyrevm.EVM()
    machine: pyrevm.EVM = _machines.evm
    return machine
