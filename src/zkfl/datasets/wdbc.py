"""Breast cancer Wisconsin (diagnostic), the default data set, from inside scikit-learn.

Source: UCI id 17, https://doi.org/10.24432/C5DW2B, CC BY 4.0.
"""

import hashlib

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer

from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation, build_federation
from zkfl.datasets.partition import partition
from zkfl.datasets.public_schema import public_schema
from zkfl.datasets.split import hold_out, order_key
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds

TEST_FRACTION = 0.25
TABLE_SHA256 = "b8094a88331cff40122d4ad3515ef012f174681f5c20476024ea192f26ddda3c"
"""Over the little-endian float64 measurements row by row, then the labels as bytes."""


def load_wdbc(bounds: FeatureBounds, hospitals: int = 4, seed: int = 0) -> Federation:
    """Hold out a quarter of the 569 records and deal the rest to simulated hospitals.

    Parameters
    ----------
    bounds
        The consortium's bounds on preprocessed rows.
    hospitals
        3 to 16.
    seed
        Of the held-out records and of the dealing; public.

    Returns
    -------
    Federation
        30 features; label 1 is malignant.

    Raises
    ------
    DatasetError
        The number of hospitals is out of range, or scikit-learn ships another table.
    """
    schema = public_schema("wdbc")
    train, test = hold_out(
        wdbc_table(schema), schema.label.name, TEST_FRACTION, order_key("wdbc/test", seed)
    )
    sites = partition(train, schema.label.name, hospitals, order_key("wdbc/sites", seed))
    return build_federation(schema, bounds, sites, test)


def wdbc_table(schema: RecordSchema) -> pd.DataFrame:
    """Return all 569 records in raw units, label 1 for malignant.

    Raises
    ------
    DatasetError
        scikit-learn ships another table than the one the schema's constants describe.
    """
    bunch = load_breast_cancer()
    malignant = (bunch.target == list(bunch.target_names).index("malignant")).astype(np.int64)
    raw = np.ascontiguousarray(bunch.data, dtype="<f8").tobytes() + bytes(malignant.tolist())
    digest = hashlib.sha256(raw).hexdigest()
    if digest != TABLE_SHA256:
        raise DatasetError(
            f"scikit-learn's breast cancer table has digest {digest}, expected {TABLE_SHA256}: "
            "another version of the data; check it before training on it"
        )
    table = pd.DataFrame(bunch.data, columns=list(schema.column_names))
    return table.assign(**{schema.label.name: malignant})
