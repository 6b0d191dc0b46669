"""A label of several classes: its schema, its cells, its shards, and the circuits that fit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zkfl.datasets.fit import require_features
from zkfl.node.own_records import read_records
from zkfl.node.records.class_agreement import require_classes
from zkfl.node.records.errors import PreprocessingError, RecordsError, SchemaError
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema, parse_schema
from zkfl.node.records.shards import make_shards
from zkfl.zk_circuits.instances import TINY_SOFTMAX
from zkfl.zk_circuits.model_choice import SoftmaxChoice

LABEL = {"name": "grade", "classes": ["none", "mild", "severe"], "of_interest": "severe"}
KEY = bytes(range(32))
FOUR = TINY_SOFTMAX.model_copy(update={"model": SoftmaxChoice(classes=4, of_interest=2)})
OTHER = TINY_SOFTMAX.model_copy(update={"model": SoftmaxChoice(classes=3, of_interest=0)})


def measured(name: str) -> dict[str, object]:
    stated = {"kind": "numeric", "name": name, "unit": "mm", "meaning": name, "missing": "reject"}
    return {**stated, "min": -9, "max": 9, "centre": 0, "scale": 10}


def schema_dict(**label: object) -> dict[str, Any]:
    return {
        "name": "graded",
        "version": 1,
        "description": "three measurements and a grade",
        "source": "made for tests",
        "constants_source": "made for tests",
        "min_rows": 1,
        "max_rows": 50,
        "extra_columns": "reject",
        "label": LABEL | label,
        "columns": [measured(name) for name in ("a", "b", "c")],
    }


@pytest.fixture
def schema() -> RecordSchema:
    return parse_schema(json.dumps(schema_dict()))


def graded(path: Path, *labels: object) -> Path:
    path.write_text("a,b,c,grade\n" + "".join(f"1,2,3,{label}\n" for label in labels))
    return path


def test_a_schema_names_its_classes(schema: RecordSchema) -> None:
    assert (schema.class_count, schema.positive_class) == (3, 2)
    assert parse_schema(schema.to_json()) == schema


def test_another_order_of_classes_is_another_schema(schema: RecordSchema) -> None:
    other = parse_schema(json.dumps(schema_dict(classes=["mild", "none", "severe"])))
    assert other.digest() != schema.digest()


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ({"classes": ["none", "severe"]}, "at least 3 items"),
        ({"classes": ["none", "severe", "severe"]}, "a class occurs twice"),
        ({"of_interest": "fatal"}, "fatal is of interest and not among"),
        ({"classes": ["none", "mild", "=severe"]}, "String should match pattern"),
    ],
)
def test_classes_that_contradict_themselves(label: dict[str, object], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        parse_schema(json.dumps(schema_dict(**label)))


def test_labels_are_numbers_of_classes(schema: RecordSchema, tmp_path: Path) -> None:
    path = graded(tmp_path / "r.csv", 2, 0, 1)
    assert load_records(path, schema)["grade"].tolist() == [2, 0, 1]
    _, labels = read_records(path, schema, TINY_SOFTMAX)
    assert labels.tolist() == [2, 0, 1]


@pytest.mark.parametrize("label", [3, -1, 0.5])
def test_another_number_is_no_class(schema: RecordSchema, tmp_path: Path, label: float) -> None:
    with pytest.raises(RecordsError, match="must be a whole number from 0 to 2"):
        load_records(graded(tmp_path / "r.csv", 0, label), schema)


def test_shards_share_all_classes_evenly() -> None:
    features = np.arange(90, dtype=np.int64).reshape(30, 3)
    shards = make_shards(features, np.arange(30) % 3, 8, KEY, 3)
    counts = np.array([np.bincount(s.labels[: s.used], minlength=3) for s in shards])
    assert (counts.max(axis=0) - counts.min(axis=0)).max() <= 1
    assert counts.sum() == 30


def test_a_shard_has_no_further_class() -> None:
    features = np.zeros((4, 3), dtype=np.int64)
    with pytest.raises(PreprocessingError, match="labels must be 0 to 2, got"):
        make_shards(features, np.arange(4), 8, KEY, 3)


def test_circuits_of_other_classes_are_refused(schema: RecordSchema, tmp_path: Path) -> None:
    require_features(schema, TINY_SOFTMAX)
    with pytest.raises(SchemaError, match=r"labels of 'graded' have 3 classes.*take 4"):
        require_features(schema, FOUR)
    with pytest.raises(SchemaError, match=r"class 2 of 'graded' is of interest.*hold class 0"):
        require_classes(schema, OTHER)
    with pytest.raises(SchemaError, match="hold class 0"):
        read_records(graded(tmp_path / "r.csv", 0), schema, OTHER)
