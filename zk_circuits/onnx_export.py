"""Turn a circuit's module into ONNX bytes, the same ones every time."""

import tempfile
import warnings
from pathlib import Path

import torch

from zkfl.zk_circuits.circuit import CircuitDefinition

_OPSET = 17


def export_onnx(definition: CircuitDefinition) -> bytes:
    """Export the graph with one 1-D float input a committed vector.

    The TorchScript exporter keeps the graph as the module writes it; the newer one
    rewrites products and divisions, and with them scales.
    """
    example = tuple(torch.zeros(tensor.length) for tensor in definition.inputs)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        path = Path(folder) / "network.onnx"
        warnings.simplefilter("ignore", DeprecationWarning)
        # Initial parameters and masks are meant to become constants.
        warnings.filterwarnings("ignore", ".*registered as constants in the trace")
        torch.onnx.export(
            definition.module().eval(),
            example,
            str(path),
            input_names=[tensor.name for tensor in definition.inputs],
            output_names=[tensor.name for tensor in definition.outputs],
            opset_version=_OPSET,
            dynamo=False,
        )
        return path.read_bytes()
