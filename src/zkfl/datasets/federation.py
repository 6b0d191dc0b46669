"""Several hospitals with their own records, and a test set none of them trains on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zkfl.datasets.errors import DatasetError
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds, preprocess


@dataclass(frozen=True)
class Hospital:
    """One site's training records.

    Attributes
    ----------
    name : str
        Lower case, fit for a folder name.
    records : pandas.DataFrame
        Raw columns in schema order, NaN where missing, then the label.
    features : numpy.ndarray
        float64 ``(N, F)``, preprocessed and bounded, not yet quantised.
    labels : numpy.ndarray
        int64 ``(N,)``, 0 or 1.
    """

    name: str
    records: pd.DataFrame
    features: NDArray[np.float64]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Federation:
    """Hospitals under one schema and one test set.

    Attributes
    ----------
    name : str
        The data set.
    schema : RecordSchema
        What every site's records follow.
    bounds : FeatureBounds
        Under which features were made.
    hospitals : tuple[Hospital, ...]
        The sites.
    test_records : pandas.DataFrame
        Raw held-out records of all sites, with labels.
    test_features : numpy.ndarray
        float64 ``(T, F)``.
    test_labels : numpy.ndarray
        int64 ``(T,)``.
    """

    name: str
    schema: RecordSchema
    bounds: FeatureBounds
    hospitals: tuple[Hospital, ...]
    test_records: pd.DataFrame
    test_features: NDArray[np.float64]
    test_labels: NDArray[np.int64]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the model inputs, in the order of the weights."""
        return self.schema.feature_names


def build_federation(
    schema: RecordSchema,
    bounds: FeatureBounds,
    train: Mapping[str, pd.DataFrame],
    test: pd.DataFrame,
) -> Federation:
    """Preprocess raw training and test records with the schema's public constants."""
    hospitals = tuple(
        Hospital(name, records, preprocess(records, schema, bounds), _labels(records, schema))
        for name, records in train.items()
    )
    features = preprocess(test, schema, bounds)
    return Federation(schema.name, schema, bounds, hospitals, test, features, _labels(test, schema))


def write_site_csv(hospital: Hospital, path: Path) -> Path:
    """Write a hospital's raw records as the CSV its node loads; missing values are empty.

    Raises
    ------
    DatasetError
        The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        hospital.records.to_csv(path, index=False, lineterminator="\n")
    except OSError as error:
        raise DatasetError(f"{hospital.name}: records cannot be written: {error}") from error
    return path


def _labels(records: pd.DataFrame, schema: RecordSchema) -> NDArray[np.int64]:
    return records[schema.label.name].to_numpy(dtype=np.int64)
