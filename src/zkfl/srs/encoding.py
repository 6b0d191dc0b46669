"""Points as EZKL's SRS files and snarkjs's ``.ptau`` files hold them.

Both write a coordinate as 32 bytes, little-endian, in Montgomery form
(``x * 2^256 mod q``); G2 as ``x.c0, x.c1, y.c0, y.c1``.
"""

from zkfl.curve import COORDINATE_BYTES, INFINITY, CurveError, G1Point, G2Point, require_on_curve
from zkfl.field import BASE_MODULUS
from zkfl.srs.errors import SrsPointError

G1_BYTES = 2 * COORDINATE_BYTES
G2_BYTES = 4 * COORDINATE_BYTES
_MONTGOMERY = pow(2, 256, BASE_MODULUS)
_MONTGOMERY_INVERSE = pow(_MONTGOMERY, -1, BASE_MODULUS)


def encode_g1(point: G1Point) -> bytes:
    """Return the 64 bytes of a point."""
    return _encode(point.x) + _encode(point.y)


def encode_g2(point: G2Point) -> bytes:
    """Return the 128 bytes of a point."""
    return b"".join(map(_encode, point))


def decode_g1(data: bytes, name: str) -> G1Point:
    """Return a finite point of the curve from its 64 bytes; ``name`` is for the error.

    Raises
    ------
    SrsPointError
        A coordinate is not canonical, or the point is infinity or not on the curve.
    """
    point = G1Point(*_coordinates(data, name))
    if point == INFINITY:
        raise SrsPointError(f"{name} is infinity, which no SRS contains: the file is damaged")
    try:
        require_on_curve(point)
    except CurveError as error:
        raise SrsPointError(f"{name}: {error}") from error
    return point


def decode_g2(data: bytes, name: str) -> G2Point:
    """Return a point from its 128 bytes; whether it is in G2 only a pairing tells.

    Raises
    ------
    SrsPointError
        A coordinate is not canonical.
    """
    return G2Point(*_coordinates(data, name))


def _coordinates(data: bytes, name: str) -> list[int]:
    return [
        _decode(data[i : i + COORDINATE_BYTES], name) for i in range(0, len(data), COORDINATE_BYTES)
    ]


def _encode(coordinate: int) -> bytes:
    return (coordinate * _MONTGOMERY % BASE_MODULUS).to_bytes(COORDINATE_BYTES, "little")


def _decode(data: bytes, name: str) -> int:
    value = int.from_bytes(data, "little")
    if value >= BASE_MODULUS:
        raise SrsPointError(f"{name} has the coordinate bytes {data.hex()}, which are not below q")
    return value * _MONTGOMERY_INVERSE % BASE_MODULUS
