"""The data sets that zkfl brings, by name: one list for schemas, records and the demo."""

from zkfl.datasets.errors import DatasetError

DATASETS = ("wdbc", "heart", "busi")


def require_dataset(name: str) -> None:
    """Raise `DatasetError` unless a data set has this name."""
    if name not in DATASETS:
        raise unknown_dataset(name)


def unknown_dataset(name: str) -> DatasetError:
    """Return the error for a name that no data set has."""
    return DatasetError(f"no data set {name!r}: choose one of {', '.join(DATASETS)}")
