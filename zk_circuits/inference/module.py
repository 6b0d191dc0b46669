"""The logit of one record under the committed model, as a graph whose outputs must be zero.

All numbers are integers of scale 0, as in the circuit of metrics, and scores are those of the
families.
"""

import torch
from torch import Tensor

from zkfl.zk_circuits.assertions import not_above_zero
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.inference.logit_unit import logit_unit
from zkfl.zk_circuits.spec import CircuitSpec

_SINGLE_ZEROS = 3


def zeros_length(spec: CircuitSpec) -> int:
    """Return the number of zeros: one a feature, the norm, the logit from both sides."""
    return spec.features + _SINGLE_ZEROS


class InferenceCheck(torch.nn.Module):
    """Record, model and public scalars in, zeros out."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__()
        self.spec = spec
        self.unit = float(logit_unit(spec))

    def forward(self, record: Tensor, model: Tensor, public: Tensor) -> Tensor:
        """Return the zeros, shape (F + 3,)."""
        spec = self.spec
        features = record[: spec.features]
        # What an admitted record has in its place, so that nobody can leave the bias out.
        mask = torch.full((1,), float(spec.one))
        row = torch.cat([features, mask]).reshape(1, spec.features + 1)
        score = family_of(spec.model).graph_scores(spec, row, model[: spec.parameters])
        above = score - public[0] * self.unit
        checks = [
            # Stops records that no hospital could admit, and numbers that wrap around the field.
            not_above_zero(features.abs() - float(spec.feature_integer)),
            # Stops records of a larger norm than any that the model has seen.
            not_above_zero((features * features).sum() - self._largest_square()).reshape(1),
            # Stops a logit above the model's.
            not_above_zero(above * -1.0),
            # Stops one below it: a unit more would be as true.
            not_above_zero(above - self.unit + 1.0),
        ]
        return torch.cat(checks)

    def _largest_square(self) -> float:
        return float(self.spec.norm_bound**2 * self.spec.one**2)
