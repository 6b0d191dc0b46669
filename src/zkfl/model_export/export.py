"""Writing the chain's final model as an ONNX file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.folders import make_folder
from zkfl.model_export.check import parse_model
from zkfl.model_export.errors import ModelExportError
from zkfl.model_export.graph import build_model
from zkfl.model_export.layout import (
    PROVENANCE_KEY,
    SCHEMA_DIGEST_KEY,
    SCHEMA_KEY,
    model_metadata,
)
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.initial_parameters import initial_parameters
from zkfl.zk_circuits.model_choice import INITIAL_BITS, ModelChoice
from zkfl.zk_circuits.spec import MODEL_EXTRA_BITS

_LARGEST_PARAMETER = 1 << 20


def export_model(  # noqa: PLR0913, PLR0917 - a file says all of this
    choice: ModelChoice,
    parameters: Sequence[int],
    schema: RecordSchema,
    bounds: FeatureBounds,
    provenance: Mapping[str, str],
    path: Path,
) -> Path:
    """Write the model to an ONNX file that takes raw columns in schema order.

    Parameters
    ----------
    choice
        Which model.
    parameters
        ``P`` signed integers at scale ``2^(s + 39)``, without blinders
        (`zkfl.field.to_signed` of the entries of the opened model): the change from the
        initial parameters, which the file's include.
    schema
        The consortium's schema.
    bounds
        The consortium's bounds; their ``scale_bits`` is ``s``.
    provenance
        Where the model comes from: chain, registry, round, model hash and the like.
    path
        File to write.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    ModelExportError
        Model or parameters do not fit the schema, or are too large to be signed values.
    FolderError
        The file's folder cannot be made.
    """
    metadata = {
        **model_metadata(choice),
        SCHEMA_KEY: schema.to_json(),
        SCHEMA_DIGEST_KEY: schema.digest(),
        PROVENANCE_KEY: json.dumps(dict(provenance), sort_keys=True),
    }
    model = build_model(
        choice, _to_float(choice, parameters, schema, bounds), schema, bounds, metadata
    )
    content = model.SerializeToString(deterministic=True)
    parse_model(content, str(path))
    make_folder(path.parent)
    path.write_bytes(content)
    return path


def _to_float(
    choice: ModelChoice, parameters: Sequence[int], schema: RecordSchema, bounds: FeatureBounds
) -> NDArray[np.float32]:
    if schema.class_count != choice.class_count:
        raise ModelExportError(
            f"labels of schema {schema.name!r} have {schema.class_count} classes, a "
            f"{choice.family} model tells {choice.class_count} apart"
        )
    expected = choice.parameter_count(len(schema.features))
    if len(parameters) != expected:
        raise ModelExportError(
            f"{len(parameters)} parameters for schema {schema.name!r}, expected {expected} of a "
            f"{choice.family} model, without blinders"
        )
    unit = 1 << (bounds.scale_bits + MODEL_EXTRA_BITS)
    for place, value in enumerate(parameters):
        if abs(value) > _LARGEST_PARAMETER * unit:
            raise ModelExportError(
                f"parameter {place} is {value}, beyond {_LARGEST_PARAMETER} at scale 2^"
                f"{bounds.scale_bits + MODEL_EXTRA_BITS}: pass signed integers "
                "(zkfl.field.to_signed)"
            )
    initial = initial_parameters(choice, len(schema.features)) / float(1 << INITIAL_BITS)
    change = np.array([value / unit for value in parameters], dtype=np.float64)
    return (initial + change).astype(np.float32)
