"""Logistic regression: forward, backward and step, written out as a graph.

Source of the gradient: Bishop, Pattern Recognition and Machine Learning, section 4.3.2.
"""

import torch
from torch import Tensor

from zkfl.fixed_point import dyadic
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import (
    Parameters,
    ShardTensors,
    TrainingStep,
    residuals,
    saturated,
)


def logits(spec: CircuitSpec, records: Tensor, parameters: Parameters) -> Tensor:
    """Return saturated logits, shape (B,)."""
    return saturated(spec, torch.matmul(records, parameters.part(halvings=1)))


class LogisticStep(TrainingStep):
    """One step of gradient descent: ``-lr/B * (X^T(sigmoid(Xw+b) - y) + l2*count*w)``."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__(spec)
        self.step = dyadic(spec.learning_rate / spec.slots, spec.scale_bits)
        self.decay = dyadic(spec.l2, spec.scale_bits) if spec.l2 else None

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of weights and bias, shape (F+1,)."""
        residual = residuals(self.spec, self._logits(shard, parameters), shard.labels)
        # An unused slot is a zero row of records, so its residual meets only zeros.
        gradient = torch.matmul(shard.records.T, residual)
        if self.decay is not None:
            gradient = self._with_decay(gradient, shard, parameters)
        # Learning rate and batch size come last: a unit won in an earlier rescale is
        # divided by them. The constant is negative, or EZKL would make a scale of it.
        return gradient / float(2**self.step.shift) * -(self.step.mantissa / self.spec.one)

    def _logits(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        return logits(self.spec, shard.records, parameters)

    def _with_decay(self, gradient: Tensor, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Add the L2 term of the weights, not of the bias, once a used slot."""
        assert self.decay is not None  # noqa: S101 - narrows the type for its one caller
        used = shard.mask.sum() / float(2**self.decay.shift)
        strength = used * -(self.decay.mantissa / self.spec.one)
        # Not a slice: EZKL would slice the undivided model and rescale that once more.
        decayed = torch.ones(self.spec.parameters)
        decayed[self.spec.features] = 0.0
        return gradient - parameters.part() * strength * decayed
