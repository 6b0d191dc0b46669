"""Whether the points of an SRS belong together, which EZKL itself never checks."""

import secrets
from collections.abc import Sequence

from zkfl.curve import (
    G1,
    G2,
    CurveError,
    G1Point,
    ProgressCallback,
    add,
    linear_combination,
    multiply,
    negate,
    pairing_product_is_one,
)
from zkfl.srs.domain import evaluate, omega
from zkfl.srs.errors import SrsGeneratorError, SrsLagrangeError, SrsPowersError
from zkfl.srs.file import SrsFile

_STEPS = 3
_CHALLENGE_BITS = 128
"""A wrong SRS passes a random combination with a probability of 2^-128."""


def check_srs(srs: SrsFile, on_progress: ProgressCallback | None = None) -> None:
    """Check that an SRS is ``tau^i*G1``, ``L_i(tau)*G1``, ``G2`` and ``tau*G2`` for one tau.

    With random ``r_i``, ``A = sum r_i g[i]`` over ``i < n-1`` and ``B = sum r_i g[i+1]``, the
    pairing equation ``e(B, g2) = e(A, s_g2)`` holds only for powers of the tau in ``s_g2``.
    A random polynomial then has the same commitment in both bases only if every Lagrange
    point is right; ``sum L_i = G1`` and ``sum omega^i L_i = tau*G1`` are its special cases.
    Whether anybody knows tau cannot be checked.

    Parameters
    ----------
    srs
        The file; logrows 15 takes about 10 s.
    on_progress
        Called with the multiplications done and those in all.

    Raises
    ------
    SrsPointError
        A point is infinity, not canonical or not on the curve.
    SrsGeneratorError
        ``g[0]`` or ``g2`` is no standard generator.
    SrsPowersError
        ``g`` does not hold the powers of the tau in ``s_g2``.
    SrsLagrangeError
        ``g_lagrange`` does not belong to ``g``.
    """
    powers = srs.powers_basis()
    lagrange = srs.lagrange_basis()
    if powers[0] != G1 or srs.g2 != G2:
        raise SrsGeneratorError(
            f"{srs.path} does not start from BN254's standard generators: verifiers of EZKL do"
        )
    challenge = [secrets.randbits(_CHALLENGE_BITS) for _ in range(srs.rows)]
    low = _check_powers(srs, powers, challenge, on_progress)
    polynomial = add(low, multiply(powers[-1], challenge[-1]))
    values = evaluate(challenge, omega(srs.logrows))
    if linear_combination(values, lagrange, _step(on_progress, 2)) != polynomial:
        raise SrsLagrangeError(
            f"{srs.path}: the Lagrange points do not belong to the powers: the file is damaged, "
            "or was made for other roots of unity"
        )


def _check_powers(
    srs: SrsFile,
    powers: Sequence[G1Point],
    challenge: Sequence[int],
    on_progress: ProgressCallback | None,
) -> G1Point:
    """Check the pairing equation and return its ``A``."""
    low = linear_combination(challenge[:-1], powers[:-1], _step(on_progress, 0))
    high = linear_combination(challenge[:-1], powers[1:], _step(on_progress, 1))
    try:
        consistent = pairing_product_is_one([(high, G2), (negate(low), srs.s_g2)])
    except CurveError as error:
        raise SrsPowersError(f"{srs.path}: s_g2 is no point of G2: {error}") from error
    if not consistent:
        raise SrsPowersError(
            f"{srs.path}: the points g are not the powers of the tau in s_g2: the file is damaged "
            "or was not made by a ceremony"
        )
    return low


def _step(on_progress: ProgressCallback | None, step: int) -> ProgressCallback | None:
    """Count one step's multiplications as a part of all three steps'."""
    if on_progress is None:
        return None
    return lambda done, count: on_progress(step * count + done, _STEPS * count)
