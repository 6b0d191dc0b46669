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
    FORMAT,
    FORMAT_KEY,
    PROVENANCE_KEY,
    SCHEMA_DIGEST_KEY,
    SCHEMA_KEY,
)
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.spec import MODEL_EXTRA_BITS

_LARGEST_PARAMETER = 1 << 20


def export_model(
    parameters: Sequence[int],
    schema: RecordSchema,
    bounds: FeatureBounds,
    provenance: Mapping[str, str],
    path: Path,
) -> Path:
    """Write the model to an ONNX file that takes raw columns in schema order.

    Parameters
    ----------
    parameters
        ``F`` weights and the bias as signed integers at scale ``2^(s + 39)``, without
        blinders (`zkfl.field.to_signed` of the entries of the opened model).
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
        Parameters do not fit the schema, or are too large to be signed values.
    FolderError
        The file's folder cannot be made.
    """
    metadata = {
        FORMAT_KEY: FORMAT,
        SCHEMA_KEY: schema.to_json(),
        SCHEMA_DIGEST_KEY: schema.digest(),
        PROVENANCE_KEY: json.dumps(dict(provenance), sort_keys=True),
    }
    model = build_model(_to_float(parameters, schema, bounds), schema, bounds, metadata)
    content = model.SerializeToString(deterministic=True)
    parse_model(content, str(path))
    make_folder(path.parent)
    path.write_bytes(content)
    return path


def _to_float(
    parameters: Sequence[int], schema: RecordSchema, bounds: FeatureBounds
) -> NDArray[np.float32]:
    expected = len(schema.features) + 1
    if len(parameters) != expected:
        raise ModelExportError(
            f"{len(parameters)} parameters for schema {schema.name!r}, expected {expected}: one a "
            "feature and the bias, without blinders"
        )
    unit = 1 << (bounds.scale_bits + MODEL_EXTRA_BITS)
    for place, value in enumerate(parameters):
        if abs(value) > _LARGEST_PARAMETER * unit:
            raise ModelExportError(
                f"parameter {place} is {value}, beyond {_LARGEST_PARAMETER} at scale 2^"
                f"{bounds.scale_bits + MODEL_EXTRA_BITS}: pass signed integers "
                "(zkfl.field.to_signed)"
            )
    return np.array([value / unit for value in parameters], dtype=np.float32)
