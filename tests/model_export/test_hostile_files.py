import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

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


def _code_beyond_json(model: onnx.ModelProto) -> None:
    entry = next(entry for entry in model.metadata_props if entry.key == SCHEMA_KEY)
    schema = json.loads(entry.value)
    codes = {"low": 0, "high": 2**60}
    texts = {"name": "code", "unit": "code", "meaning": "a code", "missing": "reject"}
    column = texts | {"kind": "category", "categories": codes, "one_hot": ["high"]}
    schema["columns"].append(column)
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


def _sparse_constant(values: TensorProto, length: int) -> onnx.NodeProto:
    places = numpy_helper.from_array(np.arange(*values.dims, dtype=np.int64), "places")
    sparse = helper.make_sparse_tensor(values, places, [length])
    return helper.make_node("Constant", [], ["big"], sparse_value=sparse)


def _sparse_that_reads_a_file(model: onnx.ModelProto) -> None:
    values = TensorProto(name="stolen", data_type=TensorProto.FLOAT, dims=[2])
    values.data_location = TensorProto.EXTERNAL
    values.external_data.add(key="location", value="secret.bin")
    model.graph.node.insert(0, _sparse_constant(values, 2))


def _sparse_that_takes_all_memory(model: onnx.ModelProto) -> None:
    values = numpy_helper.from_array(np.zeros(1, np.float32), "values")
    model.graph.node.insert(0, _sparse_constant(values, 10**9))


def _product_that_grows(model: onnx.ModelProto) -> None:
    for name, shape in (("tall", (30_000, 1)), ("wide", (1, 30_000))):
        tensor = numpy_helper.from_array(np.zeros(shape, np.float32), name)
        model.graph.initializer.append(tensor)
    model.graph.node.append(helper.make_node("MatMul", ["tall", "wide"], ["grown"]))


def _tensor(model: onnx.ModelProto, name: str) -> TensorProto:
    tensor: TensorProto = next(t for t in model.graph.initializer if t.name == name)
    return tensor


def _external_weights(model: onnx.ModelProto) -> None:
    weights = _tensor(model, "weights")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="secret.bin")


def _external_weights_beside_raw_ones(model: onnx.ModelProto) -> None:
    weights = _tensor(model, "weights")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="secret.bin")


def _typed_weights(model: onnx.ModelProto) -> None:
    weights = _tensor(model, "weights")
    values = numpy_helper.to_array(weights)
    weights.ClearField("raw_data")
    weights.float_data.extend(values.tolist())


def _endless_weight(model: onnx.ModelProto) -> None:
    weights = _tensor(model, "weights")
    values = numpy_helper.to_array(weights).copy()
    values[1] = np.inf
    weights.raw_data = values.tobytes()


def _weights_of_another_shape(model: onnx.ModelProto) -> None:
    _tensor(model, "weights").dims.append(1)


def _another_centre(model: onnx.ModelProto) -> None:
    centre = _tensor(model, "centre")
    centre.raw_data = bytes(len(centre.raw_data))


def _constant(model: onnx.ModelProto, place: int) -> TensorProto:
    nodes = [node for node in model.graph.node if node.op_type == "Constant"]
    tensor: TensorProto = nodes[place].attribute[0].t
    return tensor


def _bound(model: onnx.ModelProto, place: int, value: float) -> None:
    _constant(model, place).raw_data = np.float32(value).tobytes()


CHANGES: list[tuple[Change, str]] = [
    (_external_initialiser, 'dims: 4 data_type: 1 name: "stolen"'),
    (_external_constant, "lacks the constants that bound"),
    (_sparse_that_reads_a_file, """node 0 is 'output: "big" op_type: "Constant\""""),
    (_sparse_that_takes_all_memory, """node 0 is 'output: "big" op_type: "Constant\""""),
    (_product_that_grows, "is 'dims: 30000 dims: 1"),
    (_external_weights, "holds 0 bytes of weights"),
    (_external_weights_beside_raw_ones, "is not the graph that zkfl exports"),
    (_typed_weights, "holds 0 bytes of weights"),
    (_endless_weight, "has a parameter that is not finite"),
    (_weights_of_another_shape, "is not the graph that zkfl exports"),
    (_another_centre, "initializer 1 is"),
    (lambda m: _bound(m, 1, np.inf), "has bounds that no consortium can have"),
    (lambda m: _bound(m, 1, 3), 'expected \'output: "/Constant_output_0"'),
    (lambda m: _constant(m, 0).ClearField("raw_data"), "lacks the constants that bound"),
    (_loop, 'op_type: "Loop"'),
    (_custom_operator, 'domain: "com.microsoft"'),
    (_function, "it carries more than its graph, such as functions"),
    (_many_nodes, """is 'input: "raw" output: "spare0" op_type: "Sigmoid\"', expected nothing"""),
    (_other_input, 'input 1 is \'name: "more"'),
    (lambda m: m.graph.node.pop(), "is nothing, expected"),
    (lambda m: m.graph.node[-1].input.__setitem__(0, "absent"), 'is \'input: "absent"'),
    (lambda m: m.graph.MergeFromString(b"\xba\x3e\x01x"), "it carries more than its graph"),
    (lambda m: m.opset_import.append(helper.make_opsetid("x", 1)), "imports operator sets"),
    (lambda m: m.metadata_props.pop(), "has metadata"),
    (lambda m: m.metadata_props.add(key="more", value="x"), "has metadata"),
    (lambda m: _metadata(m, FORMAT_KEY, "zkfl.tree.v1"), "has format 'zkfl.tree.v1'"),
    (lambda m: _metadata(m, SCHEMA_KEY, "{}"), "is not a valid schema"),
    (_code_beyond_json, "has no canonical form"),
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
    with pytest.raises(
        ModelFileError, match=r"model\.onnx cannot be read: No such file or directory$"
    ):
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


def test_no_file_below_the_working_folder_is_read(
    model_path: Path, csv_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.bin").write_bytes(np.array([2.5, 1.0], np.float32).tobytes())
    model = onnx.load_model_from_string(model_path.read_bytes())
    _sparse_that_reads_a_file(model)
    (tmp_path / "hostile.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match="is not the graph that zkfl exports"):
        predict(Path("hostile.onnx"), csv_path)


def test_what_runs_is_the_graph_built_here(model_path: Path) -> None:
    assert read_model(model_path).content == model_path.read_bytes()


def test_an_operator_that_changes_no_shape_is_refused(
    model_path: Path, csv_path: Path, tmp_path: Path
) -> None:
    model = onnx.load_model_from_string(model_path.read_bytes())
    last = model.graph.node[-1]
    assert last.op_type == "Sigmoid"
    last.op_type = "Identity"
    path = tmp_path / "scores.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match=r"Identity.*Sigmoid"):
        predict(path, csv_path)


def test_weights_that_give_no_probabilities_are_refused(
    model_path: Path, csv_path: Path, tmp_path: Path
) -> None:
    model = onnx.load_model_from_string(model_path.read_bytes())
    weights = _tensor(model, "weights")
    largest = np.finfo(np.float32).max
    values = np.where(np.arange(*weights.dims) % 2, largest, -largest)
    weights.raw_data = values.astype(np.float32).tobytes()
    path = tmp_path / "scores.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match="no probabilities"):
        predict(path, csv_path)


@pytest.mark.timeout(20)
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.onnx")
    with pytest.raises(ModelFileError, match="it is not a regular file"):
        read_model(tmp_path / "model.onnx")
