"""The data sets that zkfl brings, by name: one list for schemas, records and the demo."""

from zkfl.datasets.errors import DatasetError

DATASETS = ("wdbc", "heart", "tcga-brca", "busi", "busi-3", "busi-pixels")
REAL_SITES = {"heart": 4, "tcga-brca": 6}
"""Data sets of real sites, and how many; the others are dealt to simulated hospitals."""
CIRCUITS = {"busi-pixels": "cnn"}
"""Data sets whose circuits have another name than they."""
DEFAULT_HOSPITALS = 4
"""Simulated hospitals, where nobody says how many."""


def require_dataset(name: str) -> None:
    """Raise `DatasetError` unless a data set has this name."""
    if name not in DATASETS:
        raise unknown_dataset(name)


def unknown_dataset(name: str) -> DatasetError:
    """Return the error for a name that no data set has."""
    return DatasetError(f"no data set {name!r}: choose one of {', '.join(DATASETS)}")


def usual_circuits(name: str) -> str:
    """Return the circuits that a data set has where nobody names others."""
    return CIRCUITS.get(name, name)


def usual_hospitals(name: str) -> int:
    """Return how many hospitals a data set has where nobody asks for a number."""
    return REAL_SITES.get(name, DEFAULT_HOSPITALS)
