"""The logistic model on raw measurements, preprocessing included, as a torch module."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds


class RawLogistic(nn.Module):
    """``sigmoid(w . winsorise(encode(raw)) + b)``, in float32.

    Parameters
    ----------
    parameters
        float32 ``(F + 1,)``: weights, then bias.
    schema
        Gives columns, features and their constants.
    bounds
        The consortium's bounds on a preprocessed row.
    """

    places: Tensor
    centre: Tensor
    scale: Tensor
    code: Tensor
    missing_code: Tensor
    is_value: Tensor
    is_code: Tensor
    is_missing: Tensor
    weights: Tensor
    bias: Tensor

    def __init__(
        self, parameters: NDArray[np.float32], schema: RecordSchema, bounds: FeatureBounds
    ) -> None:
        super().__init__()
        places = {name: place for place, name in enumerate(schema.column_names)}
        self._keep("places", [places[feature.column] for feature in schema.features])
        for name in ("centre", "scale", "code", "missing_code"):
            self._keep(name, [_or_nan(getattr(f, name)) for f in schema.features])
        for kind in ("value", "code", "missing"):
            self._keep(f"is_{kind}", [float(f.kind == kind) for f in schema.features])
        self._keep("weights", [float(w) for w in parameters[:-1]])
        self._keep("bias", [float(parameters[-1])])
        self.feature_bound = bounds.feature_bound
        self.row_norm_bound = bounds.row_norm_bound

    def _keep(self, name: str, values: list[int] | list[float]) -> None:
        self.register_buffer(name, torch.tensor(values))

    def forward(self, raw: Tensor) -> Tensor:
        """Return probabilities ``(N,)`` for raw float32 columns ``(N, C)``, NaN where missing."""
        features = self._bounded(self._encoded(raw))
        return torch.sigmoid(features @ self.weights + self.bias)

    def _encoded(self, raw: Tensor) -> Tensor:
        values = torch.index_select(raw, 1, self.places)
        # NaN equals nothing: features without a code are never met by one
        missing = torch.isnan(values) | (values == self.missing_code)
        filled = torch.where(missing, self.centre, values)
        return (
            (filled - self.centre) / self.scale * self.is_value
            + (values == self.code).float() * self.is_code
            + missing.float() * self.is_missing
        )

    def _bounded(self, features: Tensor) -> Tensor:
        clipped = torch.clamp(features, -self.feature_bound, self.feature_bound)
        norm = torch.sqrt((clipped * clipped).sum(1, keepdim=True))
        return clipped * (self.row_norm_bound / torch.clamp(norm, min=self.row_norm_bound))


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
