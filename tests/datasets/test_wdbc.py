from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zkfl.datasets import wdbc
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import write_site_csv
from zkfl.datasets.public_schema import public_schema
from zkfl.datasets.wdbc import load_wdbc, wdbc_table
from zkfl.node.records.load import load_records
from zkfl.node.records.standardise import FeatureBounds, preprocess

BOUNDS = FeatureBounds(4, 4)


@pytest.mark.parametrize("hospitals", [3, 4, 7, 16])
def test_every_record_is_at_one_hospital_or_in_the_test_set(hospitals: int) -> None:
    federation = load_wdbc(BOUNDS, hospitals)
    parts = [*(h.records for h in federation.hospitals), federation.test_records]
    together = pd.concat(parts, ignore_index=True)
    assert len(federation.hospitals) == hospitals
    assert len(together) == 569
    assert not together.duplicated(subset=list(federation.schema.column_names)).any()


def test_malignant_is_one() -> None:
    table = wdbc_table(public_schema("wdbc"))
    assert int(table["malignant"].sum()) == 212
    means = table.groupby("malignant")["mean_radius"].mean()
    assert means[1] > means[0]


def test_the_test_set_keeps_the_balance_of_classes() -> None:
    federation = load_wdbc(BOUNDS)
    assert federation.test_features.shape == (142, 30)
    assert int(federation.test_labels.sum()) == 53


def test_the_seed_decides() -> None:
    first, again, other = (load_wdbc(BOUNDS, 4, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.test_records, again.test_records)
    assert not first.test_records.equals(other.test_records)


def test_public_constants_standardise_the_public_table() -> None:
    schema = public_schema("wdbc")
    features = preprocess(wdbc_table(schema), schema, FeatureBounds(1000, 1000))
    assert np.abs(features.mean(axis=0)).max() < 0.02
    assert np.abs(features.std(axis=0) - 1).max() < 0.01


def test_a_site_file_loads_back_to_the_same_features(tmp_path: Path) -> None:
    federation = load_wdbc(BOUNDS)
    for hospital in federation.hospitals:
        path = write_site_csv(hospital, tmp_path / hospital.name / "records.csv")
        records = load_records(path, federation.schema)
        again = preprocess(records, federation.schema, BOUNDS)
        np.testing.assert_array_equal(again, hospital.features)
        np.testing.assert_array_equal(records["malignant"], hospital.labels)


def test_a_site_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match="hospital-01: records cannot be written"):
        write_site_csv(load_wdbc(BOUNDS).hospitals[0], tmp_path / "file" / "records.csv")


def test_another_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wdbc, "TABLE_SHA256", "00")
    with pytest.raises(DatasetError, match="expected 00: another version of the data"):
        load_wdbc(BOUNDS)
