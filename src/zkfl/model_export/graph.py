"""The one graph that a schema and bounds have, around any weights and bias."""

import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from zkfl.model_export.layout import INPUT, OPSET, OUTPUT
from zkfl.model_export.raw_logistic import RawLogistic
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds


def build_model(
    parameters: NDArray[np.float32],
    schema: RecordSchema,
    bounds: FeatureBounds,
    metadata: Mapping[str, str],
) -> onnx.ModelProto:
    """Return the ONNX model of these parameters; its graph depends on nothing but the rest.

    Parameters
    ----------
    parameters
        float32 ``(F + 1,)``: weights, then bias.
    schema
        Gives columns, features and their constants.
    bounds
        The consortium's bounds on a preprocessed row.
    metadata
        Written as they are, in their order.
    """
    # the tracer merges equal tensors; NaN equals nothing, so no weights change the graph
    blank = np.full(len(schema.features) + 1, np.nan, dtype=np.float32)
    model = _trace(RawLogistic(blank, schema, bounds).eval(), len(schema.column_names))
    values = parameters.astype("<f4")
    payloads = {"weights": values[:-1].tobytes(), "bias": values[-1:].tobytes()}
    for tensor in model.graph.initializer:
        tensor.raw_data = payloads.get(tensor.name, tensor.raw_data)
    onnx.helper.set_model_props(model, dict(metadata))
    return model


def _trace(module: RawLogistic, columns: int) -> onnx.ModelProto:
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        # the newer exporter needs onnxscript and gains nothing for a graph of 30 nodes
        warnings.simplefilter("ignore", DeprecationWarning)
        traced = Path(folder) / "traced.onnx"
        torch.onnx.export(
            module,
            (torch.zeros(2, columns),),
            str(traced),
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "records"}, OUTPUT: {0: "records"}},
        )
        return onnx.load_model_from_string(traced.read_bytes())
