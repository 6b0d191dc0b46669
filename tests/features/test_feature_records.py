"""A node takes features of its own recipe alone."""

import csv
from pathlib import Path

import numpy as np
import pytest

from zkfl.features.recipe import FeatureRecipe
from zkfl.features.schema import schema_of_images
from zkfl.features.table import feature_table
from zkfl.node.images.image_set import ImageRow
from zkfl.node.records.errors import RecordsError
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import Label, RecordSchema

ROWS = tuple(ImageRow(f"{n}.png", f"p{n // 2}", n % 2, {"site": "north"}) for n in range(4))


@pytest.fixture
def schema(lite: FeatureRecipe) -> RecordSchema:
    label = Label(name="malignant", positive="malignant", negative="other")
    return schema_of_images(
        lite, name="small", label=label, description="scans", source="here", min_rows=2
    )


@pytest.fixture
def records(lite: FeatureRecipe, tmp_path: Path) -> Path:
    features = np.arange(16.0).reshape(4, 4) / 4
    path = tmp_path / "records.csv"
    feature_table(features, lite, ROWS, "malignant").to_csv(path, index=False)
    return path


def test_records_of_the_recipe_are_loaded(records: Path, schema: RecordSchema) -> None:
    table = load_records(records, schema)
    assert list(table.columns) == [*schema.column_names, "malignant"]
    assert table["malignant"].tolist() == [0, 1, 0, 1]
    assert table.iloc[3, 3] == 15 / 4


def test_a_row_names_patient_and_recipe(records: Path, lite: FeatureRecipe) -> None:
    with records.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["patient"] for row in rows] == ["p0", "p0", "p1", "p1"]
    assert {row["feature_recipe"] for row in rows} == {lite.digest()}


def test_one_row_of_another_recipe_is_refused(
    records: Path, schema: RecordSchema, lite: FeatureRecipe
) -> None:
    lines = records.read_text().splitlines()
    lines[3] = lines[3].replace(lite.digest(), "cd" * 32)
    records.write_text("\n".join(lines))
    with pytest.raises(RecordsError, match="row 3 was made by the feature recipe 'cdcd"):
        load_records(records, schema)


def test_records_that_name_no_recipe_are_refused(records: Path, schema: RecordSchema) -> None:
    records.write_text(records.read_text().replace("feature_recipe", "other"))
    with pytest.raises(RecordsError, match=r"lacks column\(s\) \['feature_recipe'\]"):
        load_records(records, schema)


def test_a_node_with_another_backbones_schema_refuses_them(
    records: Path, schema: RecordSchema, lite: FeatureRecipe
) -> None:
    other = lite.model_copy(update={"weights_sha256": "ab" * 32})
    theirs = schema.model_copy(update={"image_features": other})
    with pytest.raises(RecordsError, match="row 1 was made by the feature recipe"):
        load_records(records, theirs)
