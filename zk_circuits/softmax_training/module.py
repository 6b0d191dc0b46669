"""Softmax regression: forward, backward and step, written out as a graph.

Source of the gradient: Bishop, Pattern Recognition and Machine Learning, section 4.3.4.
"""

import torch
from torch import Tensor

from zkfl.fixed_point import dyadic
from zkfl.zk_circuits.softmax_training.class_probabilities import (
    below_largest,
    class_probabilities,
)
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, TrainingStep


def logits(spec: CircuitSpec, records: Tensor, parameters: Parameters) -> Tensor:
    """Return how far each class is below the likeliest, shape (B, C)."""
    weights = parameters.stretch(0, spec.features + 1, spec.label_columns)
    return below_largest(spec, torch.matmul(records, weights.part()))


class SoftmaxStep(TrainingStep):
    """One step of gradient descent: ``-lr/B * (X^T(softmax(XW+b) - Y) + l2*count*W)``."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__(spec)
        self.step = dyadic(spec.learning_rate / spec.slots, spec.scale_bits)
        self.decay = dyadic(spec.l2, spec.scale_bits) if spec.l2 else None

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of weights and biases, shape (P,)."""
        found = class_probabilities(logits(self.spec, shard.records, parameters))
        # An unused slot is a zero row of records, so its residuals meet only zeros. Labels are
        # one-hot by the shard's admission, so residuals are probabilities of other classes.
        gradient = torch.matmul(shard.records.T, found - shard.labels).reshape(-1)
        if self.decay is not None:
            gradient = self._with_decay(gradient, shard, parameters)
        # Last and negative for the reasons that the logistic regression's step gives.
        return gradient / float(2**self.step.shift) * -(self.step.mantissa / self.spec.one)

    def _with_decay(self, gradient: Tensor, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Add the L2 term of the weights, not of the biases, once a used slot."""
        assert self.decay is not None  # noqa: S101 - narrows the type for its one caller
        strength = self._times(shard.mask.sum(), self.decay)
        decayed = torch.tensor(decayed_parameters(self.spec))
        return gradient - parameters.part() * strength * decayed


def decayed_parameters(spec: CircuitSpec) -> list[float]:
    """Return 1 for weights and 0 for biases."""
    return [1.0] * (spec.features * spec.label_columns) + [0.0] * spec.label_columns
