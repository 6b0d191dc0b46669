"""A hospital's own records as the circuits take them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.node.records.class_agreement import require_classes
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds, preprocess, quantise
from zkfl.zk_circuits.spec import CircuitSpec


def read_records(
    path: Path, schema: RecordSchema, spec: CircuitSpec
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a file's features ``(N, F)`` at scale ``s`` and its labels ``(N,)``.

    Raises
    ------
    SchemaError, RecordsError, PreprocessingError
        The file is not what the schema declares, or the schema not what the circuits take.
    """
    require_classes(schema, spec)
    bounds = FeatureBounds(spec.feature_bound, spec.norm_bound, spec.scale_bits)
    table = load_records(path, schema)
    features = quantise(preprocess(table, schema, bounds), bounds)
    return features, table[schema.label.name].to_numpy(dtype="int64")
