"""The same training statement written the way one writes it first: the baseline.

A clamp on the logits, the mask as a column of its own, the bias apart, one rescale after
each product, and the settings of the recipes that EZKL's users start from.
"""

from dataclasses import replace

import torch
from torch import Tensor

from zkfl.zk_circuits.circuit import CircuitDefinition, RunArguments
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, TrainingStep

LOGROWS = 15


class FirstAttempt(TrainingStep):
    """``-lr/B * (X^T((sigmoid(clamp(Xw+b)) - y) * mask) + l2*count*w)``."""

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of weights and bias, shape (F+1,)."""
        spec = self.spec
        features, values = shard.records[:, : spec.features], parameters.part(spec.parameters)
        weights, bias = values[: spec.features], values[spec.features :]
        logits = torch.matmul(features, weights) + bias
        logits = torch.clamp(logits, -spec.logit_bound, spec.logit_bound)
        residual = (torch.sigmoid(logits) - shard.labels) * shard.mask
        gradient = torch.matmul(features.T, residual) + spec.l2 * shard.mask.sum() * weights
        return -spec.learning_rate / spec.slots * torch.cat([gradient, residual.sum().reshape(1)])


def baseline_definition() -> CircuitDefinition:
    """Describe the baseline for the shard and constants of ``wdbc``."""
    ours = get_instance("wdbc").training
    spec = CircuitSpec.model_validate(
        ours.spec.model_dump()
        | {"name": "first-attempt", "logrows": LOGROWS, "training_columns": 2}
    )
    arguments = RunArguments(
        columns=2, base=1024, legs=4, rebase_multiplier=1, lookup_bound=spec.logit_integer
    )
    return replace(
        ours,
        spec=spec,
        run_arguments=arguments,
        module=lambda: FirstAttempt(spec),
        settings_path=None,
    )
