"""How a model does in groups of records, with groups too small to be shown left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.errors import EvaluationError
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts

MOST_GROUPS = 32
"""A column with more values tells patients apart, and groups nothing."""


@dataclass(frozen=True)
class GroupTable:
    """One column's groups.

    Attributes
    ----------
    column
        Its name.
    counts
        By value, of those groups that have enough records of either class, in order.
    suppressed
        How many groups are left out.
    """

    column: str
    counts: dict[str, ConfusionCounts]
    suppressed: int


def count_outcomes(labels: NDArray[np.int64], taken: NDArray[np.bool_]) -> ConfusionCounts:
    """Count how often records ``(T,)`` taken for positive are."""
    ill = labels == 1
    cells = (ill & taken, ~ill & taken, ill & ~taken, ~ill & ~taken)
    return ConfusionCounts(*(int(cell.sum()) for cell in cells))


def group_table(
    column: str,
    values: Sequence[str],
    labels: NDArray[np.int64],
    taken: NDArray[np.bool_],
    least: int,
) -> GroupTable:
    """Count by the values of a column.

    Parameters
    ----------
    column
        Its name.
    values
        One a record; an empty one counts as a group of its own.
    labels, taken
        ``(T,)``: the classes, and whether the model takes a record for positive.
    least
        Fewest records of a group that is shown. Where a single group would be left out, the
        smallest of the others is left out too: its figures would follow from the sums.

    Raises
    ------
    EvaluationError
        The column has too many values to be one of groups.
    """
    groups = np.array(values)
    names = sorted(set(values))
    if len(names) > MOST_GROUPS:
        raise EvaluationError(
            f"column {column[:80]!r} has {len(names)} values, more than {MOST_GROUPS}: it would "
            "show single patients; group by bands, such as age_band"
        )
    counts = {name: count_outcomes(labels[groups == name], taken[groups == name]) for name in names}
    shown = {name: entry for name, entry in counts.items() if entry.records >= least}
    if len(counts) - len(shown) == 1 and shown:
        del shown[min(shown, key=lambda name: shown[name].records)]
    return GroupTable(column, shown, len(counts) - len(shown))
