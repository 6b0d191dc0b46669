"""A model on raw measurements, preprocessing included, as a torch module."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.model_choice import ModelChoice


class RawModel(nn.Module):
    """``probability(winsorise(encode(raw)))``, in float32.

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
    """

    places: Tensor
    centre: Tensor
    scale: Tensor
    code: Tensor
    missing_code: Tensor
    is_value: Tensor
    is_code: Tensor
    is_missing: Tensor

    def __init__(
        self,
        choice: ModelChoice,
        parameters: NDArray[np.float32],
        schema: RecordSchema,
        bounds: FeatureBounds,
    ) -> None:
        super().__init__()
        self.family = family_of(choice)
        places = {name: place for place, name in enumerate(schema.column_names)}
        self._keep("places", [places[feature.column] for feature in schema.features])
        for name in ("centre", "scale", "code", "missing_code"):
            self._keep(name, [_or_nan(getattr(f, name)) for f in schema.features])
        for kind in ("value", "code", "missing"):
            self._keep(f"is_{kind}", [float(f.kind == kind) for f in schema.features])
        tensors = cut_parameters(choice, parameters, len(schema.features))
        self.tensor_names = tuple(tensors)
        for name, values in tensors.items():
            self.register_buffer(name, torch.from_numpy(values))
        self.feature_bound = bounds.feature_bound
        self.row_norm_bound = bounds.row_norm_bound

    def _keep(self, name: str, values: list[int] | list[float]) -> None:
        self.register_buffer(name, torch.tensor(values))

    def forward(self, raw: Tensor) -> Tensor:
        """Return probabilities ``(N,)`` for raw float32 columns ``(N, C)``, NaN where missing."""
        features = self._bounded(self._encoded(raw))
        tensors = {name: self.get_buffer(name) for name in self.tensor_names}
        return self.family.exported_probability(features, tensors)

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


def cut_parameters(
    choice: ModelChoice, parameters: NDArray[np.float32], features: int
) -> dict[str, NDArray[np.float32]]:
    """Return a model's parameters as the named tensors of its exported file, in their order."""
    shapes = family_of(choice).export_tensors(features)
    ends = np.cumsum([math.prod(shape) for shape in shapes.values()])
    parts = np.split(np.array(parameters, dtype=np.float32), ends[:-1])
    return {
        name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)
    }


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
