"""The L2 term of nets of several layers, which spares their biases."""

from collections.abc import Sequence

import torch
from torch import Tensor

from zkfl.fixed_point import dyadic
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, TrainingStep


class DecayedStep(TrainingStep):
    """A training step whose change is made by the gradient and then by the L2 term.

    Parameters
    ----------
    spec
        Sizes and constants.
    decayed
        1 for parameters that the L2 term holds, 0 for biases.
    """

    def __init__(self, spec: CircuitSpec, decayed: Sequence[float]) -> None:
        super().__init__(spec)
        self.decayed = torch.tensor(decayed)
        rate = spec.l2 * spec.learning_rate / spec.slots
        self.decay = dyadic(rate, spec.scale_bits) if rate else None

    def _with_decay(self, change: Tensor, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Add ``-lr/B * l2 * count * w``."""
        if self.decay is None:
            return change
        strength = self._times(shard.mask.sum(), self.decay)
        return change + parameters.part() * strength * self.decayed
