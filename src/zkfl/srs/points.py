"""The Lagrange points that contracts and commitments need."""

from zkfl.curve import G1Point, total
from zkfl.srs.file import SrsFile

UNUSABLE_ROWS = 6
"""Last rows of a polycommit column, all 1: 5 blinding factors and one row more in halo2."""


def lagrange_point(srs: SrsFile, row: int) -> G1Point:
    """Return ``L_row(tau)*G1``; raises `SrsFormatError` and `SrsPointError`."""
    return srs.lagrange(row)


def zero_commitment(srs: SrsFile) -> G1Point:
    """Return ``U``, the sum of the last 6 Lagrange points; raises `SrsPointError`."""
    return total(srs.lagrange(row) for row in range(srs.rows - UNUSABLE_ROWS, srs.rows))
