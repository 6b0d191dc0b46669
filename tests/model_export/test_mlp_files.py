"""An MLP's file holds whole parameters, predicts what the chain's model does, and is checked."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.federation import Federation
from zkfl.evaluation.training import model_from_chain, probabilities
from zkfl.model_export import ModelExportError, ModelFileError, export_model, predict, read_model
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.instances import WDBC_MLP
from zkfl.zk_circuits.model_choice import LOGISTIC

BOUNDS = FeatureBounds(4, 4)


@pytest.fixture(scope="module")
def federation() -> Federation:
    return load_federation("wdbc", BOUNDS)


@pytest.fixture(scope="module")
def change() -> list[int]:
    generator = np.random.default_rng(7)
    return [int(value) for value in generator.normal(size=WDBC_MLP.parameters) * 2**47]


@pytest.fixture
def model_path(federation: Federation, change: list[int], tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    return export_model(WDBC_MLP.model, change, federation.schema, BOUNDS, {}, path)


def test_the_file_predicts_what_the_chain_model_predicts(
    federation: Federation, change: list[int], model_path: Path, tmp_path: Path
) -> None:
    csv = tmp_path / "test.csv"
    federation.test_records.to_csv(csv, index=False)
    whole = model_from_chain(change, WDBC_MLP)
    expected = probabilities(whole, federation.test_features, WDBC_MLP.model)
    np.testing.assert_allclose(predict(model_path, csv)["probability"], expected, atol=1e-5)
    assert read_model(model_path).content == model_path.read_bytes()


def test_a_vector_of_another_family_is_refused(
    federation: Federation, change: list[int], tmp_path: Path
) -> None:
    with pytest.raises(ModelExportError, match=r"129 parameters .* expected 31 of a logistic"):
        export_model(LOGISTIC, change, federation.schema, BOUNDS, {}, tmp_path / "m.onnx")


def told(key: str, value: str | None) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        entries = {entry.key: entry.value for entry in model.metadata_props} | {key: value}
        kept = {name: text for name, text in entries.items() if text is not None}
        del model.metadata_props[:]
        onnx.helper.set_model_props(model, kept)

    return change


def _infinite(model: onnx.ModelProto) -> None:
    [hidden] = [t for t in model.graph.initializer if t.name == "hidden_weights"]
    hidden.raw_data = np.full(120, np.inf, dtype="<f4").tobytes()


def _without_relu(model: onnx.ModelProto) -> None:
    [relu] = [node for node in model.graph.node if node.op_type == "Relu"]
    relu.op_type = "Identity"


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (told("zkfl.model", None), "has format 'zkfl.mlp.v1', this reads 'zkfl.logistic.v1'"),
        (told("zkfl.format", "zkfl.logistic.v1"), "this reads 'zkfl.mlp.v1'"),
        (
            told("zkfl.model", json.dumps({"family": "mlp", "hidden": 5, "seed": 1})),
            "names its model in another form",
        ),
        (
            told("zkfl.model", '{"family":"mlp","hidden":5,"seed":1}'),
            "holds 480 bytes of hidden_weights, its schema asks for 150",
        ),
        (told("zkfl.model", '{"family":"mlp","hidden":999,"seed":1}'), "names no model"),
        (told("zkfl.model", '{"family":"forest"}'), "names no model"),
        (_infinite, "has a parameter that is not finite"),
        (_without_relu, "is not the graph that zkfl exports"),
    ],
)
def test_an_altered_file_is_refused(
    alter: Callable[[onnx.ModelProto], None], message: str, model_path: Path
) -> None:
    model = onnx.load_model_from_string(model_path.read_bytes())
    alter(model)
    model_path.write_bytes(model.SerializeToString(deterministic=True))
    with pytest.raises(ModelFileError, match=re.escape(message)):
        read_model(model_path)
