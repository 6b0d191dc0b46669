"""EZKL's polycommit commitments, computed without a verifying key.

``C(v) = sum_j v_j*L_j + U``: an unblinded KZG commitment to a column whose last 6 rows
are 1. It is additive up to ``U``, which is what the contracts compute with.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from zkfl.curve import G1Point, add, linear_combination, multiply, subtract, total
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS, require_element
from zkfl.srs.file import SrsFile
from zkfl.srs.points import UNUSABLE_ROWS, zero_commitment

_SPILL_ROWS = 2
"""EZKL adds a blinder a column, and starts another column when the usable rows are full."""


class CommitmentError(ZkflError):
    """Something cannot be committed to, or commitments cannot be combined."""


class VectorTooLongError(CommitmentError):
    """A vector does not fit one column of the SRS."""


class Committer:
    """Commits to vectors under one SRS.

    Equal to ``ezkl.kzg_commit``; a scalar multiplication takes 0.01 ms for small entries
    (positive or negative) and 0.15 ms for full-size ones.

    Parameters
    ----------
    srs_path
        An EZKL SRS of the circuits' logrows.

    Raises
    ------
    SrsError
        The file is unusable.
    """

    def __init__(self, srs_path: Path) -> None:
        self.srs = SrsFile(srs_path)
        self.zero = zero_commitment(self.srs)

    @property
    def capacity(self) -> int:
        """Longest vector that EZKL keeps in one column."""
        return self.srs.rows - UNUSABLE_ROWS - _SPILL_ROWS

    def commit(self, vector: Sequence[int]) -> G1Point:
        """Return ``C(vector)``.

        Parameters
        ----------
        vector
            Field elements in ``[0, p)``.

        Raises
        ------
        FieldError
            An entry is no field element.
        VectorTooLongError
            The vector does not fit one column.
        """
        if len(vector) > self.capacity:
            raise VectorTooLongError(
                f"{len(vector)} entries do not fit a column of logrows {self.srs.logrows}, which "
                f"takes {self.capacity}: use a larger SRS or fewer entries"
            )
        for entry in vector:
            require_element(entry)
        used = [(entry, self.srs.lagrange(row)) for row, entry in enumerate(vector) if entry]
        product = linear_combination([e for e, _ in used], [point for _, point in used])
        return add(product, self.zero)


def combine(
    model: G1Point, weights: Sequence[int], updates: Sequence[G1Point], zero: G1Point
) -> G1Point:
    """Return ``C(G') = C(G) + sum_i w_i*(C_i - U)``, as the contract computes it.

    Parameters
    ----------
    model
        ``C(G)``.
    weights
        ``w_i``, integers in units of 2^-16.
    updates
        ``C_i``, one a weight.
    zero
        ``U``.

    Raises
    ------
    CommitmentError
        The lengths differ.
    CurveError
        A point is not on the curve.
    """
    if len(weights) != len(updates):
        raise CommitmentError(f"{len(weights)} weights do not match {len(updates)} updates")
    shifted = [subtract(update, zero) for update in updates]
    return add(model, linear_combination(weights, shifted))


def scale(commitment: G1Point, factor: int, zero: G1Point) -> G1Point:
    """Return ``C(factor*v) = factor*(C(v) - U) + U``; `CurveError` off the curve."""
    return add(multiply(subtract(commitment, zero), factor % SCALAR_MODULUS), zero)


def masked_commitment(update: G1Point, weight: int, mask: G1Point, zero: G1Point) -> G1Point:
    """Return ``w_i*(C_i - U) + (M_i - U)``, which the masked update opens; it has no ``U``.

    Raises
    ------
    CurveError
        A point is not on the curve.
    """
    return add(multiply(subtract(update, zero), weight), subtract(mask, zero))


def masks_cancel(masks: Iterable[G1Point], zero: G1Point) -> bool:
    """Tell whether ``sum_i M_i = N*U``; `CurveError` off the curve."""
    points = list(masks)
    return total(points) == multiply(zero, len(points))
