"""Openings of committed vectors that a contract can check: KZG at one random point.

Kate, Zaverucha, Goldberg, Constant-Size Commitments to Polynomials (ASIACRYPT 2010),
section 3.2, https://www.iacr.org/archive/asiacrypt2010/6477178/6477178.pdf, for the
polynomial that takes the vector's entries at the first roots of unity and zero at the rest.
``contracts/src/VectorOpening.sol`` verifies; ``tests/vectors/opening.json`` binds both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from zkfl.curve import G1, G1Point, ProgressCallback, add, linear_combination, multiply, negate
from zkfl.curve import pairing_product_is_one as product_is_one
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS, require_element, vector_to_bytes
from zkfl.srs.domain import omega, powers
from zkfl.srs.file import SrsFile

_DOMAIN = keccak(text="zkfl.vector-opening.v1")


class VectorOpeningError(ZkflError):
    """A vector cannot be opened, or does not open what it should."""


@dataclass(frozen=True)
class Evaluation:
    """A polynomial at the random point: ``y = f(z)``."""

    point: int
    value: int


def challenge(rows: int, commitment: G1Point, vector: Sequence[int]) -> int:
    """Return ``z``, which depends on the commitment and on every entry.

    Parameters
    ----------
    rows
        ``n`` of the SRS.
    commitment
        ``sum_j v_j*L_j``, without ``U``.
    vector
        Field elements.
    """
    digest = keccak(vector_to_bytes(vector))
    types = ("bytes32", "uint256", "uint256", "uint256", "uint256", "bytes32")
    values = (_DOMAIN, rows, commitment.x, commitment.y, len(vector), digest)
    return int.from_bytes(keccak(encode(types, values)), "big") % SCALAR_MODULUS


def open_vector(
    srs: SrsFile,
    commitment: G1Point,
    vector: Sequence[int],
    on_progress: ProgressCallback | None = None,
) -> G1Point:
    """Return the commitment of the quotient ``(f(X) - y)/(X - z)``.

    Takes a scalar multiplication a row of the SRS: 5 s at logrows 15.

    Parameters
    ----------
    srs
        The consortium's.
    commitment
        ``sum_j v_j*L_j``, without ``U``.
    vector
        Field elements, at most one a row.
    on_progress
        Called now and then with the points done and the points in all.

    Raises
    ------
    VectorOpeningError
        The vector is longer than the SRS, or the commitment is another vector's.
    FieldError
        An entry is no field element.
    """
    evaluation = _evaluate(srs, commitment, vector)
    entries = [*vector, *[0] * (srs.rows - len(vector))]
    roots = powers(omega(srs.logrows), srs.rows)
    inverses = _inverses([root - evaluation.point for root in roots])
    quotient = [
        (entry - evaluation.value) * inverse % SCALAR_MODULUS
        for entry, inverse in zip(entries, inverses, strict=True)
    ]
    opening = linear_combination(quotient, srs.lagrange_basis(), on_progress)
    if not _divides(srs, commitment, evaluation, opening):
        raise VectorOpeningError(
            f"the vector of {len(vector)} entries does not open {tuple(commitment)}: it is another "
            "vector's commitment"
        )
    return opening


def opens(srs: SrsFile, commitment: G1Point, vector: Sequence[int], quotient: G1Point) -> bool:
    """Tell whether a quotient shows that a commitment is the vector's, as the contract does.

    Raises
    ------
    VectorOpeningError
        The vector is longer than the SRS.
    FieldError, CurveError
        An entry is no field element, or a point is not on the curve.
    """
    return _divides(srs, commitment, _evaluate(srs, commitment, vector), quotient)


def _evaluate(srs: SrsFile, commitment: G1Point, vector: Sequence[int]) -> Evaluation:
    """Return ``f(z) = (z^n - 1)/n * sum_j v_j*w^j/(z - w^j)``.

    Berrut and Trefethen, Barycentric Lagrange Interpolation, SIAM Review 46(3), 2004,
    section 4, https://doi.org/10.1137/S0036144502417715, at roots of unity.
    """
    if len(vector) > srs.rows:
        raise VectorOpeningError(f"{len(vector)} entries do not fit the {srs.rows} rows of the SRS")
    for entry in vector:
        require_element(entry)
    point = challenge(srs.rows, commitment, vector)
    power = pow(point, srs.rows, SCALAR_MODULUS)
    if power == 1:
        raise VectorOpeningError(f"the random point {point} is a root of unity")
    roots = powers(omega(srs.logrows), len(vector))
    inverses = _inverses([point - root for root in roots])
    terms = (v * w * i for v, w, i in zip(vector, roots, inverses, strict=True))
    factor = (power - 1) * pow(srs.rows, -1, SCALAR_MODULUS)
    return Evaluation(point, factor * sum(terms) % SCALAR_MODULUS)


def _divides(srs: SrsFile, commitment: G1Point, at: Evaluation, quotient: G1Point) -> bool:
    """Check ``e(C - y*G1 + z*Q, G2) = e(Q, tau*G2)``."""
    shifted = add(commitment, multiply(G1, -at.value % SCALAR_MODULUS))
    left = add(shifted, multiply(quotient, at.point))
    return product_is_one([(negate(quotient), srs.s_g2), (left, srs.g2)])


def _inverses(values: Sequence[int]) -> list[int]:
    """Invert all with one inversion.

    Montgomery, Speeding the Pollard and Elliptic Curve Methods of Factorization, Mathematics
    of Computation 48 (1987), section 10.3.1.
    """
    products = [1]
    for value in values:
        products.append(products[-1] * value % SCALAR_MODULUS)
    inverse = pow(products[-1], -1, SCALAR_MODULUS)
    result = []
    for value, before in zip(reversed(values), reversed(products[:-1]), strict=True):
        result.append(inverse * before % SCALAR_MODULUS)
        inverse = inverse * value % SCALAR_MODULUS
    return result[::-1]
