"""The loader on a table of the published form; the published bytes themselves are pinned."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zkfl.datasets import tcga_brca_sources
from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation, write_site_csv
from zkfl.datasets.pinned_file import DATA_DIR_VARIABLE
from zkfl.datasets.public_schema import public_schema
from zkfl.datasets.tcga_brca import load_tcga_brca, with_known_end_point
from zkfl.datasets.tcga_brca_sources import REGIONS, read_tcga_brca
from zkfl.node.records.load import load_records
from zkfl.node.records.standardise import FeatureBounds, preprocess

BOUNDS = FeatureBounds(4, 4)
EACH = 20
"""Patients of a region, every fourth held out by the authors."""


@pytest.fixture(autouse=True)
def _no_data_dir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write files of the published form, with two patients outside the regions; pin them."""
    count = len(REGIONS) * EACH
    rng = np.random.default_rng(7)
    pids = [f"TCGA-{number:04d}" for number in range(count + 2)]
    columns = public_schema("tcga-brca").column_names
    indicators = {name: rng.integers(0, 2, count + 2) for name in columns[1:]}
    dead = rng.integers(0, 2, count + 2)
    days = rng.integers(100, 3000, count + 2)
    ages = rng.integers(26, 91, count + 2)
    table = pd.DataFrame(
        {"pid": pids, "age_at_index": ages, **indicators, "E": 1.0 * dead, "T": 1.0 * days}
    )
    parts = ["test" if place % 4 == 0 else "train" for place in range(count)]
    split = pd.DataFrame({"pid": pids[:count], "fold": parts})
    split["fold2"] = [f"{part}_{place // EACH}" for place, part in enumerate(parts)]
    files = {"brca.csv": table, "train_test_split.csv": split.iloc[::-1]}
    for name, frame in files.items():
        frame.to_csv(tmp_path / name, index=False)
    pins = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in files}
    monkeypatch.setattr(tcga_brca_sources, "FILES", pins)
    return tmp_path


def test_patients_outside_the_regions_are_left_out(folder: Path) -> None:
    patients = read_tcga_brca(folder)
    assert patients["region"].value_counts().to_dict() == dict.fromkeys(REGIONS, EACH)
    assert patients["pid"].is_unique


def test_an_end_point_is_known_of_the_dead_and_of_those_seen_later() -> None:
    patients = pd.DataFrame({"E": [1, 1, 0, 0, 1, 0], "T": [10, 1095, 1095, 1096, 1096, 3000]})
    known = with_known_end_point(patients)
    assert known["T"].tolist() == [10, 1095, 1096, 1096, 3000]
    assert known["died"].tolist() == [1, 1, 0, 0, 0]


def test_the_authors_test_patients_are_held_out(folder: Path) -> None:
    federation = load_tcga_brca(BOUNDS, folder)
    known = with_known_end_point(read_tcga_brca(folder))
    held = known[known["part"] == "test"]
    assert federation.test_records["age_at_index"].tolist() == held["age_at_index"].tolist()
    assert federation.test_labels.tolist() == held["died"].tolist()
    assert tuple(hospital.name for hospital in federation.hospitals) == REGIONS
    assert federation.hospitals[0].features.shape[1] == 39


def everyone(federation: Federation) -> pd.DataFrame:
    parts = [*(h.records for h in federation.hospitals), federation.test_records]
    return pd.concat(parts).sort_values(list(federation.schema.column_names), ignore_index=True)


def test_another_seed_deals_the_same_patients_anew(folder: Path) -> None:
    published, dealt = load_tcga_brca(BOUNDS, folder), load_tcga_brca(BOUNDS, folder, seed=3)
    pd.testing.assert_frame_equal(everyone(published), everyone(dealt))
    again = load_tcga_brca(BOUNDS, folder, seed=3)
    pd.testing.assert_frame_equal(dealt.test_records, again.test_records)
    assert not dealt.test_records.equals(published.test_records)


def test_a_site_file_loads_back_to_the_same_features(folder: Path, tmp_path: Path) -> None:
    federation = load_federation("tcga-brca", BOUNDS, 6, data_dir=folder)
    for hospital in federation.hospitals:
        path = write_site_csv(hospital, tmp_path / "sites" / f"{hospital.name}.csv")
        again = preprocess(load_records(path, federation.schema), federation.schema, BOUNDS)
        np.testing.assert_array_equal(again, hospital.features)


def test_it_has_six_hospitals_and_no_other_number(folder: Path) -> None:
    with pytest.raises(DatasetError, match=re.escape("tcga-brca has 6 real hospitals, 4 were")):
        load_federation("tcga-brca", BOUNDS, 4, data_dir=folder)


def test_an_altered_file_is_refused(folder: Path) -> None:
    with (folder / "brca.csv").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(DatasetError, match=re.escape("brca.csv has SHA-256")):
        load_tcga_brca(BOUNDS, folder)


@pytest.mark.parametrize("given", ["nothing", None])
def test_without_the_files_the_error_says_where_to_get_them(
    tmp_path: Path, given: str | None
) -> None:
    with pytest.raises(DatasetError, match=re.escape("https://github.com/owkin/FLamby/tree/")):
        load_tcga_brca(BOUNDS, tmp_path / given if given else None)
