import json
import re
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from zkfl.model_export import ModelFileError, predict, read_model
from zkfl.model_export.check import MAX_MODEL_BYTES
from zkfl.model_export.layout import (
    FORMAT_KEY,
    PROVENANCE_KEY,
    SCHEMA_DIGEST_KEY,
    SCHEMA_KEY,
)

Change = Callable[[onnx.ModelProto], object]


def _metadata(model: onnx.ModelProto, key: str, value: str) -> None:
    next(entry for entry in model.metadata_props if entry.key == key).value = value


def _another_schema(model: onnx.ModelProto) -> None:
    entry = next(entry for entry in model.metadata_props if entry.key == SCHEMA_KEY)
    schema = json.loads(entry.value)
    schema["columns"][0]["centre"] += 1
    entry.value = json.dumps(schema)


def _external_initialiser(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer.add(name="stolen", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def _external_constant(model: onnx.ModelProto) -> None:
    tensor = TensorProto(name="stolen", data_type=TensorProto.FLOAT, dims=[4])
    tensor.external_data.add(key="location", value="../secret")
    model.graph.node.insert(0, helper.make_node("Constant", [], ["stolen"], value=tensor))


def _loop(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", [""], ["out"], body=body))


def _custom_operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "com.microsoft"


def _function(model: onnx.ModelProto) -> None:
    opset = helper.make_opsetid("", 17)
    model.functions.append(helper.make_function("own", "f", ["x"], ["y"], [], [opset]))


def _many_nodes(model: onnx.ModelProto) -> None:
    for number in range(70):
        model.graph.node.append(helper.make_node("Sigmoid", ["raw"], [f"spare{number}"]))


def _other_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


CHANGES: list[tuple[Change, str]] = [
    (_external_initialiser, "keeps tensor 'stolen' in another file: external data is refused"),
    (_external_constant, "keeps tensor 'stolen' in another file: external data is refused"),
    (_loop, "uses operator :Loop"),
    (_custom_operator, "uses operator com.microsoft:"),
    (_function, "carries functions"),
    (_many_nodes, "nodes, at most 64 are run"),
    (_other_input, "maps [('raw'"),
    (lambda m: m.graph.node.pop(), "is not a valid ONNX model"),
    (lambda m: m.graph.node[-1].input.__setitem__(0, "absent"), "is not a valid ONNX model"),
    (lambda m: m.opset_import.append(helper.make_opsetid("x", 1)), "imports operator sets"),
    (lambda m: m.metadata_props.pop(), "has metadata"),
    (lambda m: m.metadata_props.add(key="more", value="x"), "has metadata"),
    (lambda m: _metadata(m, FORMAT_KEY, "zkfl.tree.v1"), "has format 'zkfl.tree.v1'"),
    (lambda m: _metadata(m, SCHEMA_KEY, "{}"), "is not a valid schema"),
    (_another_schema, "one of them was changed"),
    (lambda m: _metadata(m, SCHEMA_DIGEST_KEY, "00"), "its metadata say 00"),
    (lambda m: _metadata(m, PROVENANCE_KEY, "{"), "is no JSON"),
    (lambda m: _metadata(m, PROVENANCE_KEY, "[1]"), "must map names to text"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_a_changed_file_is_refused(
    model_path: Path, csv_path: Path, tmp_path: Path, change: Change, message: str
) -> None:
    model = onnx.load_model_from_string(model_path.read_bytes())
    change(model)
    path = tmp_path / "hostile.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match=re.escape(message)):
        predict(path, csv_path)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    with pytest.raises(ModelFileError, match="cannot be read as a model file"):
        read_model(path)
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(ModelFileError, match="is no ONNX model"):
        read_model(path)
    path.write_bytes(b"")
    with pytest.raises(ModelFileError, match="imports operator sets"):
        read_model(path)
    path.write_bytes(b"\x00" * (MAX_MODEL_BYTES + 1))
    with pytest.raises(ModelFileError, match="a model file has at most"):
        read_model(path)


def test_a_file_that_gives_no_probabilities_is_refused(
    model_path: Path, csv_path: Path, tmp_path: Path
) -> None:
    model = onnx.load_model_from_string(model_path.read_bytes())
    last = model.graph.node[-1]
    assert last.op_type == "Sigmoid"
    last.op_type = "Identity"
    path = tmp_path / "scores.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match="no probabilities"):
        predict(path, csv_path)
