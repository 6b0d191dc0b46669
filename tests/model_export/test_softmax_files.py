"""A file of several classes gives each its probability, as the chain's model does."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from zkfl.evaluation.training import class_probabilities, model_from_chain
from zkfl.model_export import ModelExportError, ModelFileError, export_model, predict, read_model
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema, parse_schema
from zkfl.node.records.standardise import FeatureBounds, preprocess
from zkfl.zk_circuits.instances import TINY_SOFTMAX
from zkfl.zk_circuits.model_choice import SoftmaxChoice

BOUNDS = FeatureBounds(TINY_SOFTMAX.feature_bound, TINY_SOFTMAX.norm_bound)
CLASSES = ["normal", "benign", "malignant"]
COLUMN = {"kind": "numeric", "unit": "mm", "meaning": "size", "missing": "centre"}
SCHEMA = {
    "name": "lesions",
    "version": 1,
    "description": "three measurements",
    "source": "made for tests",
    "constants_source": "made for tests",
    "min_rows": 1,
    "max_rows": 50,
    "extra_columns": "reject",
    "label": {"name": "kind", "classes": CLASSES, "of_interest": "malignant"},
    "columns": [
        {**COLUMN, "name": name, "min": -9, "max": 9, "centre": 0, "scale": 2} for name in "abc"
    ],
}


@pytest.fixture(scope="module")
def schema() -> RecordSchema:
    return parse_schema(json.dumps(SCHEMA))


@pytest.fixture(scope="module")
def change() -> list[int]:
    generator = np.random.default_rng(7)
    return [int(value) for value in generator.normal(size=TINY_SOFTMAX.parameters) * 2**50]


@pytest.fixture
def model_path(schema: RecordSchema, change: list[int], tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    return export_model(TINY_SOFTMAX.model, change, schema, BOUNDS, {}, path)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    rows = np.random.default_rng(3).integers(-9, 10, (20, 3)).tolist()
    text = "".join(",".join(map(str, row)) + "\n" for row in [*rows, ["", 1, ""]])
    path = tmp_path / "records.csv"
    path.write_text("a,b,c\n" + text)
    return path


def test_the_file_predicts_what_the_chain_model_predicts(
    schema: RecordSchema, change: list[int], model_path: Path, records: Path
) -> None:
    table = load_records(records, schema, min_rows=0, with_label=False)
    model, features = model_from_chain(change, TINY_SOFTMAX), preprocess(table, schema, BOUNDS)
    expected = class_probabilities(model, features, TINY_SOFTMAX.model)
    found = predict(model_path, records)
    assert list(found.columns) == [*(f"probability_{name}" for name in CLASSES), "label", "class"]
    np.testing.assert_allclose(found.iloc[:, :3], expected, atol=1e-5)
    assert found["label"].tolist() == expected.argmax(axis=1).tolist()
    assert found["class"].tolist() == [CLASSES[place] for place in found["label"]]
    assert len(set(found["label"])) > 1
    assert read_model(model_path).content == model_path.read_bytes()


def test_a_schema_of_other_classes_is_refused(
    schema: RecordSchema, change: list[int], tmp_path: Path
) -> None:
    choice = SoftmaxChoice(classes=4, of_interest=2)
    with pytest.raises(ModelExportError, match=r"have 3 classes, a softmax model tells 4 apart"):
        export_model(choice, change, schema, BOUNDS, {}, tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("zkfl.model", '{"classes":4,"family":"softmax","of_interest":2}', "tells 4 classes apart"),
        ("zkfl.model", '{"classes":3,"family":"softmax","of_interest":3}', "names no model"),
        ("zkfl.model", '{"classes":3, "family":"softmax","of_interest":2}', "in another form"),
        ("zkfl.format", "zkfl.mlp.v1", "this reads 'zkfl.softmax.v1'"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    key: str, value: str, message: str, model_path: Path
) -> None:
    model = onnx.load(model_path)
    entries = {entry.key: entry.value for entry in model.metadata_props} | {key: value}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, entries)
    onnx.save(model, model_path)
    with pytest.raises(ModelFileError, match=message):
        read_model(model_path)
