"""Which features each position of a filter sees: the constants of im2col."""

import numpy as np

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.model_choice import KERNEL, POOL


def patch_places(side: int) -> IntArray:
    """Return places in a row ``[pixels | mask]``, int64, shape (cells, 4, 10).

    Positions are put together by the cell that pools them. The tenth place is the mask, whose
    weight is the filter's bias.

    Parameters
    ----------
    side
        Of the image; its pixels lie row by row.
    """
    corners = np.array(_corners(side), dtype=np.int64)
    steps = [row * side + column for row in range(KERNEL) for column in range(KERNEL)]
    mask = np.full((*corners.shape, 1), side * side, dtype=np.int64)
    return np.concatenate([corners[:, :, None] + np.array(steps), mask], axis=2)


def _corners(side: int) -> list[list[int]]:
    """Return each position's upper left pixel, a row a cell."""
    starts = range(0, side - KERNEL + 1, POOL)
    return [
        [(top + row) * side + left + column for row in range(POOL) for column in range(POOL)]
        for top in starts
        for left in starts
    ]
