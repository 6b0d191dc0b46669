"""Gradient descent with an L2 term that spares biases, for nets of several layers."""

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from zkfl.fixed_point import dyadic
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, TrainingStep


class DescentStep(TrainingStep):
    """One step ``-lr/B * (gradient + l2*count*w)``; a subclass has the gradient.

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
        self.step = dyadic(spec.learning_rate / spec.slots, spec.scale_bits)
        rate = spec.l2 * spec.learning_rate / spec.slots
        self.decay = dyadic(rate, spec.scale_bits) if rate else None

    @abstractmethod
    def gradient(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the gradient summed over the shard, shape (P,), scale ``s``."""

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of all layers, shape (P,)."""
        # Learning rate and batch size come last: a unit won in an earlier rescale is
        # divided by them.
        change = self._times(self.gradient(shard, parameters), self.step)
        if self.decay is None:
            return change
        strength = self._times(shard.mask.sum(), self.decay)
        return change + parameters.part() * strength * self.decayed
