"""Cutting one table into simulated hospitals that differ the way real ones do.

Hospital ``h`` of ``H`` has size factor ``1 + (h mod 3)`` (sites of one, two and three
parts) and a share of positives that rises with ``h``: its weight is the size factor
times ``1 + 2*h/(H-1)`` among the positives and times ``3 - 2*h/(H-1)`` among the
negatives. So the last hospital sees about nine times the odds of the first: a referral
centre beside a screening site. Every hospital gets at least `MIN_OF_CLASS` records of
each class, and no record goes to two.
"""

import pandas as pd

from zkfl.datasets.errors import DatasetError
from zkfl.datasets.split import shuffled_classes

MIN_HOSPITALS = 3
"""With two, a sum of updates would tell each the other's."""
MAX_HOSPITALS = 16
MIN_OF_CLASS = 4


def partition(
    records: pd.DataFrame, label: str, hospitals: int, key: bytes
) -> dict[str, pd.DataFrame]:
    """Deal the records to ``hospital-01 .. hospital-HH``, uneven in size and class balance.

    Parameters
    ----------
    records
        Raw records with their label.
    label
        Name of the label column.
    hospitals
        ``H``, 3 to 16.
    key
        Seeds the shuffle.

    Returns
    -------
    dict[str, pandas.DataFrame]
        Disjoint records by hospital, together all of them.

    Raises
    ------
    DatasetError
        ``H`` is out of range, or a class has too few records for it.
    """
    if not MIN_HOSPITALS <= hospitals <= MAX_HOSPITALS:
        raise DatasetError(f"{hospitals} hospitals: choose {MIN_HOSPITALS} to {MAX_HOSPITALS}")
    dealt: dict[str, list[pd.DataFrame]] = {f"hospital-{h + 1:02d}": [] for h in range(hospitals)}
    for positive, rows in shuffled_classes(records, label, key).items():
        sizes = class_sizes(len(rows), _weights(hospitals, positive=bool(positive)))
        start = 0
        for name, size in zip(dealt, sizes, strict=True):
            dealt[name].append(rows.iloc[start : start + size])
            start += size
    return {name: pd.concat(parts, ignore_index=True) for name, parts in dealt.items()}


def class_sizes(total: int, weights: list[float]) -> list[int]:
    """Split ``total`` by weight after `MIN_OF_CLASS` each; largest remainders get the rest.

    Raises
    ------
    DatasetError
        ``total`` is below the minimum for so many hospitals.
    """
    spare = total - MIN_OF_CLASS * len(weights)
    if spare < 0:
        raise DatasetError(
            f"{total} records of a class are too few for {len(weights)} hospitals with at least "
            f"{MIN_OF_CLASS} each: take fewer hospitals"
        )
    exact = [spare * weight / sum(weights) for weight in weights]
    sizes = [MIN_OF_CLASS + int(share) for share in exact]
    largest_first = sorted(range(len(weights)), key=lambda h: int(exact[h]) - exact[h])
    for h in largest_first[: total - sum(sizes)]:
        sizes[h] += 1
    return sizes


def _weights(hospitals: int, *, positive: bool) -> list[float]:
    tilts = [2 * h / (hospitals - 1) for h in range(hospitals)]
    return [(1 + h % 3) * (1 + tilt if positive else 3 - tilt) for h, tilt in enumerate(tilts)]
