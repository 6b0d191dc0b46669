"""Reading a model file as a stranger's: nothing runs that this package would not write.

The graph that belongs to the model and schema inside the file is built anew around the file's
parameters; the file must be that, and what runs is the copy built here. This makes a file safe
to run, it does not make its parameters honest: for that, compare the file's SHA-256, or its
parameters, with what the consortium made final.
"""

import math
import struct
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError, Message  # type: ignore[import-untyped]
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from zkfl.model_export.errors import ModelFileError
from zkfl.model_export.graph import build_model
from zkfl.model_export.layout import (
    FORMAT_KEY,
    MODEL_KEY,
    OPSET,
    PROVENANCE_KEY,
    SCHEMA_DIGEST_KEY,
    SCHEMA_KEY,
    format_of,
    model_metadata,
)
from zkfl.node.records.errors import PreprocessingError, SchemaError
from zkfl.node.records.schema import RecordSchema, parse_schema
from zkfl.node.records.standardise import FeatureBounds
from zkfl.public_file import PublicFileError, PublicFileTooLargeError, read_public_file
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.model_choice import LOGISTIC, ModelChoice, ModelChoiceError

MAX_MODEL_BYTES = 4 << 20
"""A model file larger than this is refused unread, in bytes."""
_FLOAT_BYTES = 4
_SHOWN_ENTRIES = 8
_SHOWN_CHARACTERS = 200
_CHOICES: TypeAdapter[ModelChoice] = TypeAdapter(ModelChoice)
_METADATA_KEYS = {FORMAT_KEY, SCHEMA_KEY, SCHEMA_DIGEST_KEY, PROVENANCE_KEY}


@dataclass(frozen=True)
class CheckedModel:
    """A model file that passed every check.

    Attributes
    ----------
    content : bytes
        The model as this package writes it, with the file's parameters.
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
        content = read_public_file(path, MAX_MODEL_BYTES)
    except PublicFileTooLargeError as error:
        raise ModelFileError(f"{error}; a model file has at most {MAX_MODEL_BYTES}") from error
    except PublicFileError as error:
        raise ModelFileError(str(error)) from error
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
    _require_operator_set(model, origin)
    metadata = _metadata(model, origin)
    choice = _choice(metadata, origin)
    schema = _schema(metadata, origin)
    _require_classes(choice, schema, origin)
    provenance = _provenance(metadata, origin)
    expected = _rebuilt(model, choice, schema, metadata, origin)
    _require_same(model, expected, origin)
    return CheckedModel(_canonical(expected), schema, provenance)


def _require_operator_set(model: onnx.ModelProto, origin: str) -> None:
    opsets = [(opset.domain, opset.version) for opset in model.opset_import][:_SHOWN_ENTRIES]
    if opsets != [("", OPSET)]:
        raise ModelFileError(f"{origin} imports operator sets {opsets}, only ONNX {OPSET} is run")


def _metadata(model: onnx.ModelProto, origin: str) -> dict[str, str]:
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if set(metadata) - {MODEL_KEY} != _METADATA_KEYS or len(model.metadata_props) != len(metadata):
        raise ModelFileError(
            f"{origin} has metadata {sorted(metadata)}, a model of zkfl has "
            f"{sorted(_METADATA_KEYS)}"
        )
    return metadata


def _choice(metadata: dict[str, str], origin: str) -> ModelChoice:
    """Read which model a file holds; without a word on it, it is a logistic regression."""
    choice: ModelChoice = LOGISTIC
    if MODEL_KEY in metadata:
        try:
            choice = _CHOICES.validate_json(metadata[MODEL_KEY])
        except ValidationError as error:
            raise ModelFileError(
                f"{origin} names no model that this reads: {error.errors()[0]['msg']}"
            ) from error
    if metadata[FORMAT_KEY] != format_of(choice):
        raise ModelFileError(
            f"{origin} has format {metadata[FORMAT_KEY][:_SHOWN_CHARACTERS]!r}, this reads "
            f"{format_of(choice)!r}: use the version of zkfl that wrote it, or export the model "
            "again"
        )
    if metadata.get(MODEL_KEY) != model_metadata(choice).get(MODEL_KEY):
        raise ModelFileError(f"{origin} names its model in another form than zkfl writes")
    return choice


def _require_classes(choice: ModelChoice, schema: RecordSchema, origin: str) -> None:
    if schema.class_count != choice.class_count:
        raise ModelFileError(
            f"the model in {origin} tells {choice.class_count} classes apart, its schema "
            f"{schema.class_count}"
        )


def _schema(metadata: dict[str, str], origin: str) -> RecordSchema:
    try:
        schema = parse_schema(metadata[SCHEMA_KEY], f"the schema inside {origin}")
    except SchemaError as error:
        raise ModelFileError(str(error)) from error
    try:
        digest = schema.digest()
    except ValueError as error:
        raise ModelFileError(
            f"the schema inside {origin} has no canonical form: {error}"
        ) from error
    if digest != metadata[SCHEMA_DIGEST_KEY]:
        raise ModelFileError(
            f"the schema inside {origin} has digest {digest}, its metadata say "
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


def _rebuilt(
    model: onnx.ModelProto,
    choice: ModelChoice,
    schema: RecordSchema,
    metadata: dict[str, str],
    origin: str,
) -> onnx.ModelProto:
    """Return what `export_model` would write for the file's schema, bounds and parameters."""
    bounds = _bounds(model.graph, origin)
    parameters = _parameters(model.graph, choice, len(schema.features), origin)
    try:
        expected = build_model(choice, parameters, schema, bounds, metadata)
    except (RuntimeError, OverflowError) as error:
        raise ModelFileError(f"the schema inside {origin} has no graph: {error}") from error
    # a release of the tracer that writes the same graph does no harm
    expected.producer_version = model.producer_version
    return expected


def _bounds(graph: onnx.GraphProto, origin: str) -> FeatureBounds:
    """Read the bounds from the graph's four float constants: ``-B, B, R, R``."""
    tensors = [node.attribute[0].t for node in graph.node if _is_constant(node)]
    floats = [t.raw_data for t in tensors if t.data_type == onnx.TensorProto.FLOAT]
    if [len(data) for data in floats] != [_FLOAT_BYTES] * 4:
        raise ModelFileError(f"{origin} lacks the constants that bound features and rows")
    _, feature_bound, row_norm_bound, _ = struct.unpack("<4f", b"".join(floats))
    try:
        return FeatureBounds(feature_bound, row_norm_bound)
    except PreprocessingError as error:
        raise ModelFileError(f"{origin} has bounds that no consortium can have: {error}") from error


def _is_constant(node: onnx.NodeProto) -> bool:
    return node.op_type == "Constant" and [a.name for a in node.attribute] == ["value"]


def _parameters(
    graph: onnx.GraphProto, choice: ModelChoice, features: int, origin: str
) -> NDArray[np.float32]:
    payloads = {tensor.name: tensor.raw_data for tensor in graph.initializer}
    try:
        choice.parameter_count(features)
    except ModelChoiceError as error:
        raise ModelFileError(
            f"the model inside {origin} does not fit its schema: {error}"
        ) from error
    shapes = family_of(choice).export_tensors(features)
    for name, shape in shapes.items():
        count, size = math.prod(shape), len(payloads.get(name, b""))
        if size != count * _FLOAT_BYTES:
            raise ModelFileError(
                f"{origin} holds {size} bytes of {name}, its schema asks for {count} float32: "
                "other forms, such as data in another file, are refused"
            )
    values = np.frombuffer(b"".join(payloads[name] for name in shapes), dtype="<f4")
    if not np.isfinite(values).all():
        raise ModelFileError(f"{origin} has a parameter that is not finite")
    return values.astype(np.float32)


def _require_same(model: onnx.ModelProto, expected: onnx.ModelProto, origin: str) -> None:
    if _canonical(model) != _canonical(expected):
        raise ModelFileError(
            f"{origin} is not the graph that zkfl exports for its schema: "
            f"{_difference(model.graph, expected.graph)}. It was altered, or written by another "
            "version of zkfl or torch; export it again"
        )


def _canonical(model: onnx.ModelProto) -> bytes:
    """Return the bytes of everything in a model, fields unknown to ONNX included."""
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _difference(given: onnx.GraphProto, expected: onnx.GraphProto) -> str:
    for part in ("input", "output", "sparse_initializer", "initializer", "node"):
        pairs = zip_longest(getattr(given, part), getattr(expected, part))
        for place, (found, wanted) in enumerate(pairs):
            if found != wanted:
                return f"{part} {place} is {_shown(found)}, expected {_shown(wanted)}"
    return "it carries more than its graph, such as functions or training graphs"


def _shown(part: Message | None) -> str:
    """Return the beginning of a part's text, which is a stranger's and may be endless."""
    return "nothing" if part is None else repr(" ".join(str(part)[:_SHOWN_CHARACTERS].split()))
