"""Reading a model file as a stranger's: nothing runs that this package would not write.

The checks make a file safe to run, they do not make its parameters honest: for that,
compare the file's SHA-256, or its parameters, with what the consortium made final.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from pydantic_core import from_json

from zkfl.model_export.errors import ModelFileError
from zkfl.model_export.layout import (
    FORMAT,
    FORMAT_KEY,
    INPUT,
    OPSET,
    OUTPUT,
    PROVENANCE_KEY,
    SCHEMA_DIGEST_KEY,
    SCHEMA_KEY,
)
from zkfl.node.records.errors import SchemaError
from zkfl.node.records.schema import RecordSchema, parse_schema

MAX_MODEL_BYTES = 4 << 20
"""A model file larger than this is refused unread, in bytes."""
MAX_NODES = 64
OPERATORS = frozenset(
    {
        *("Gather", "IsNaN", "Equal", "Or", "Where", "Cast", "Constant", "Identity"),
        *("Sub", "Div", "Mul", "Add", "Clip", "ReduceSum", "Sqrt", "Reciprocal"),
        *("MatMul", "Sigmoid"),
    }
)
"""None of them loops, branches, reads files, or makes more data than it is given."""
_METADATA_KEYS = {FORMAT_KEY, SCHEMA_KEY, SCHEMA_DIGEST_KEY, PROVENANCE_KEY}


@dataclass(frozen=True)
class CheckedModel:
    """A model file that passed every check.

    Attributes
    ----------
    content : bytes
        The file.
    schema : RecordSchema
        What its input columns follow.
    provenance : dict[str, str]
        What the file says about its origin; a claim, not a proof.
    """

    content: bytes
    schema: RecordSchema
    provenance: dict[str, str]


def read_model(path: Path) -> CheckedModel:
    """Read and check a model file.

    Raises
    ------
    ModelFileError
        The file is missing, too large, no ONNX model, or not of this package's form.
    """
    try:
        size = path.stat().st_size
        if size > MAX_MODEL_BYTES:
            raise ModelFileError(
                f"{path} has {size} bytes, a model file has at most {MAX_MODEL_BYTES}"
            )
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read as a model file: {error}") from error
    return parse_model(content, str(path))


def parse_model(content: bytes, origin: str) -> CheckedModel:
    """Check the bytes of a model file.

    Raises
    ------
    ModelFileError
        The bytes are no ONNX model, or not of this package's form.
    """
    try:
        model = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise ModelFileError(f"{origin} is no ONNX model: {error}") from error
    _refuse_foreign_parts(model, origin)
    _refuse_foreign_nodes(model.graph, origin)
    _require_well_formed(model, origin)
    metadata = _metadata(model, origin)
    schema = _schema(metadata, origin)
    _require_interface(model.graph, len(schema.column_names), origin)
    return CheckedModel(content, schema, _provenance(metadata, origin))


def _refuse_foreign_parts(model: onnx.ModelProto, origin: str) -> None:
    opsets = [(opset.domain, opset.version) for opset in model.opset_import]
    if opsets != [("", OPSET)]:
        raise ModelFileError(f"{origin} imports operator sets {opsets}, only ONNX {OPSET} is run")
    if model.functions or model.training_info or model.graph.sparse_initializer:
        raise ModelFileError(
            f"{origin} carries functions, training graphs or sparse tensors: zkfl writes none"
        )
    for tensor in model.graph.initializer:
        _refuse_external(tensor, origin)


def _refuse_foreign_nodes(graph: onnx.GraphProto, origin: str) -> None:
    if len(graph.node) > MAX_NODES:
        raise ModelFileError(f"{origin} has {len(graph.node)} nodes, at most {MAX_NODES} are run")
    for node in graph.node:
        if node.domain or node.op_type not in OPERATORS:
            raise ModelFileError(
                f"{origin} uses operator {node.domain}:{node.op_type}, which no model of zkfl needs"
            )
        for attribute in node.attribute:
            if attribute.HasField("t"):
                _refuse_external(attribute.t, origin)


def _refuse_external(tensor: onnx.TensorProto, origin: str) -> None:
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise ModelFileError(
            f"{origin} keeps tensor {tensor.name!r} in another file: external data is refused, "
            "it could name any file of this machine"
        )
    if math.prod(tensor.dims) > MAX_MODEL_BYTES:
        raise ModelFileError(f"{origin} declares tensor {tensor.name!r} of {list(tensor.dims)}")


def _require_well_formed(model: onnx.ModelProto, origin: str) -> None:
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ValueError) as error:
        raise ModelFileError(f"{origin} is not a valid ONNX model: {error}") from error


def _metadata(model: onnx.ModelProto, origin: str) -> dict[str, str]:
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if set(metadata) != _METADATA_KEYS or len(model.metadata_props) != len(metadata):
        raise ModelFileError(
            f"{origin} has metadata {sorted(metadata)}, a model of zkfl has "
            f"{sorted(_METADATA_KEYS)}"
        )
    if metadata[FORMAT_KEY] != FORMAT:
        raise ModelFileError(f"{origin} has format {metadata[FORMAT_KEY]!r}, this reads {FORMAT!r}")
    return metadata


def _schema(metadata: dict[str, str], origin: str) -> RecordSchema:
    try:
        schema = parse_schema(metadata[SCHEMA_KEY], f"the schema inside {origin}")
    except SchemaError as error:
        raise ModelFileError(str(error)) from error
    if schema.digest() != metadata[SCHEMA_DIGEST_KEY]:
        raise ModelFileError(
            f"the schema inside {origin} has digest {schema.digest()}, its metadata say "
            f"{metadata[SCHEMA_DIGEST_KEY]}: one of them was changed"
        )
    return schema


def _provenance(metadata: dict[str, str], origin: str) -> dict[str, str]:
    try:
        provenance = from_json(metadata[PROVENANCE_KEY])
    except ValueError as error:
        raise ModelFileError(f"the provenance inside {origin} is no JSON: {error}") from error
    if not isinstance(provenance, dict) or not all(isinstance(v, str) for v in provenance.values()):
        raise ModelFileError(f"the provenance inside {origin} must map names to text")
    return provenance


def _require_interface(graph: onnx.GraphProto, columns: int, origin: str) -> None:
    inputs = [_signature(value) for value in graph.input]
    outputs = [_signature(value) for value in graph.output]
    expected_inputs = [(INPUT, onnx.TensorProto.FLOAT, ("records", columns))]
    expected_outputs = [(OUTPUT, onnx.TensorProto.FLOAT, ("records",))]
    if inputs != expected_inputs or outputs != expected_outputs:
        raise ModelFileError(
            f"{origin} maps {inputs} to {outputs}, its schema asks for {expected_inputs} to "
            f"{expected_outputs}"
        )


def _signature(value: onnx.ValueInfoProto) -> tuple[str, int, tuple[str | int, ...]]:
    tensor = value.type.tensor_type
    shape = tuple(d.dim_param or d.dim_value for d in tensor.shape.dim)
    return value.name, tensor.elem_type, shape
