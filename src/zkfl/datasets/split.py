"""Holding out test records of each site, seeded and class by class."""

import pandas as pd

from zkfl.datasets.errors import DatasetError
from zkfl.node.records.order import keyed_order


def order_key(purpose: str, seed: int) -> bytes:
    """Return the key of a public, seeded shuffle; the purpose keeps shuffles apart."""
    return f"zkfl.datasets/{purpose}/{seed}".encode()


def shuffled_classes(records: pd.DataFrame, label: str, key: bytes) -> dict[int, pd.DataFrame]:
    """Return the records of each class, 0 and 1, shuffled by the key."""
    classes = {c: records[records[label] == c] for c in (0, 1)}
    return {c: rows.iloc[keyed_order(key, len(rows))] for c, rows in classes.items()}


def hold_out(
    records: pd.DataFrame, label: str, fraction: float, key: bytes
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split one site's records into training and test records.

    Exact duplicates are dropped first, so that no test record was also trained on. Each
    class gives ``round(fraction * its size)`` records to the test set.

    Parameters
    ----------
    records
        Raw records with their label.
    label
        Name of the label column.
    fraction
        Share of the test set, in ``(0, 0.5]``.
    key
        Seeds the shuffle.

    Returns
    -------
    tuple[pandas.DataFrame, pandas.DataFrame]
        Training and test records, both with a fresh index.

    Raises
    ------
    DatasetError
        The fraction is outside its range.
    """
    if not 0 < fraction <= 0.5:  # noqa: PLR2004 - the range in the message
        raise DatasetError(f"test fraction {fraction} must lie in (0, 0.5]")
    unique = records.drop_duplicates(subset=[c for c in records.columns if c != label])
    train, test = [], []
    for rows in shuffled_classes(unique, label, key).values():
        held = round(fraction * len(rows))
        test.append(rows.iloc[:held])
        train.append(rows.iloc[held:])
    return pd.concat(train, ignore_index=True), pd.concat(test, ignore_index=True)
