"""A convolutional net's file takes raw pixels, predicts what the chain's model does, is checked."""

import re
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from numpy.typing import NDArray

from zkfl.evaluation.training import model_from_chain, probabilities
from zkfl.model_export import ModelFileError, export_model, predict, read_model
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.instances import CNN

BOUNDS = FeatureBounds(4, 8)
CENTRE, SCALE = 128.0, 64.0
PIXELS = [f"pixel_{place}" for place in range(64)]
SCHEMA = RecordSchema.model_validate(
    {
        "name": "images",
        "version": 1,
        "description": "grey images of 8x8",
        "source": "made for tests",
        "constants_source": "made for tests",
        "min_rows": 1,
        "max_rows": 100,
        "extra_columns": "reject",
        "label": {"name": "ill", "positive": "ill", "negative": "well"},
        "columns": tuple(
            {
                "kind": "numeric",
                "name": name,
                "unit": "grey level",
                "meaning": name,
                "min": 0.0,
                "max": 255.0,
                "centre": CENTRE,
                "scale": SCALE,
                "missing": "reject",
            }
            for name in PIXELS
        ),
    }
)


@pytest.fixture(scope="module")
def change() -> list[int]:
    return [int(v) for v in np.random.default_rng(7).normal(size=CNN.parameters) * 2**47]


@pytest.fixture
def model_path(change: list[int], tmp_path: Path) -> Path:
    return export_model(CNN.model, change, SCHEMA, BOUNDS, {}, tmp_path / "model.onnx")


def features_of(images: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = (images - CENTRE) / SCALE
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows * np.minimum(1.0, BOUNDS.row_norm_bound / norms))


def test_the_file_predicts_what_the_chain_model_predicts(
    change: list[int], model_path: Path, tmp_path: Path
) -> None:
    images = np.random.default_rng(8).integers(0, 256, (9, 64)).astype(np.float64)
    csv = tmp_path / "images.csv"
    pd.DataFrame(images, columns=PIXELS).to_csv(csv, index=False)
    expected = probabilities(model_from_chain(change, CNN), features_of(images), CNN.model)
    np.testing.assert_allclose(predict(model_path, csv)["probability"], expected, atol=1e-5)
    assert read_model(model_path).content == model_path.read_bytes()


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (
            '{"family":"convolutional","filters":4,"seed":1,"side":6}',
            "does not fit its schema: records have 64 features, images of 6x6 have 36",
        ),
        (
            '{"family":"convolutional","filters":5,"seed":1,"side":8}',
            "holds 144 bytes of filter_weights, its schema asks for 45",
        ),
        ('{"family":"convolutional","filters":4,"seed":1,"side":7}', "names no model"),
    ],
)
def test_a_file_that_names_another_net_is_refused(
    choice: str, message: str, model_path: Path
) -> None:
    model = onnx.load_model_from_string(model_path.read_bytes())
    [entry] = [entry for entry in model.metadata_props if entry.key == "zkfl.model"]
    entry.value = choice
    model_path.write_bytes(model.SerializeToString(deterministic=True))
    with pytest.raises(ModelFileError, match=re.escape(message)):
        read_model(model_path)


def test_other_patches_are_refused(model_path: Path) -> None:
    model = onnx.load_model_from_string(model_path.read_bytes())
    [places] = [
        node.attribute[0].t
        for node in model.graph.node
        if node.op_type == "Constant" and list(node.attribute[0].t.dims) == [9 * 4 * 9]
    ]
    moved = np.roll(np.frombuffer(places.raw_data, dtype="<i8"), 1)
    places.raw_data = moved.tobytes()
    model_path.write_bytes(model.SerializeToString(deterministic=True))
    with pytest.raises(ModelFileError, match="is not the graph that zkfl exports"):
        read_model(model_path)
