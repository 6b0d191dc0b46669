"""The one graph that a choice of model, a schema and bounds have, around any parameters."""

import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from zkfl.model_export.layout import INPUT, OPSET, OUTPUT
from zkfl.model_export.raw_model import RawModel, cut_parameters
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.model_choice import ModelChoice


def build_model(
    choice: ModelChoice,
    parameters: NDArray[np.float32],
    schema: RecordSchema,
    bounds: FeatureBounds,
    metadata: Mapping[str, str],
) -> onnx.ModelProto:
    """Return the ONNX model of these parameters; its graph depends on nothing but the rest.

    Parameters
    ----------
    choice
        Which model.
    parameters
        float32 ``(P,)``, the initial ones included.
    schema
        Gives columns, features and their constants.
    bounds
        The consortium's bounds on a preprocessed row.
    metadata
        Written as they are, in their order.
    """
    # the tracer merges equal tensors; NaN equals nothing, so no weights change the graph
    blank = np.full(len(parameters), np.nan, dtype=np.float32)
    model = _trace(RawModel(choice, blank, schema, bounds).eval(), len(schema.column_names))
    tensors = cut_parameters(choice, parameters, len(schema.features))
    payloads = {name: values.astype("<f4").tobytes() for name, values in tensors.items()}
    for tensor in model.graph.initializer:
        tensor.raw_data = payloads.get(tensor.name, tensor.raw_data)
    onnx.helper.set_model_props(model, dict(metadata))
    return model


def _trace(module: RawModel, columns: int) -> onnx.ModelProto:
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        # the newer exporter needs onnxscript and gains nothing for a graph of 30 nodes
        warnings.simplefilter("ignore", DeprecationWarning)
        # which pixels a patch has is meant to become a constant
        warnings.filterwarnings("ignore", ".*registered as constants in the trace")
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
