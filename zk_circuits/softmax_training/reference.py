"""One local step in integers: what an honest prover's witness holds, bit for bit."""

import numpy as np

from zkfl.fixed_point import IntArray, dyadic
from zkfl.zk_circuits.integer_parts import IntegerParameters, Rescale
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.softmax_training.class_probabilities import (
    IntegerProbabilities,
    integer_probabilities,
)
from zkfl.zk_circuits.spec import CircuitSpec


def integer_logits(
    spec: CircuitSpec, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntArray:
    """Return how far each class is below the likeliest at scale ``s``, shape (B, C)."""
    return _forward(spec, shard, parameters, divide).below


def integer_step(
    spec: CircuitSpec, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntArray:
    """Return one step's change."""
    s = spec.scale_bits
    found = _forward(spec, shard, parameters, divide).probabilities
    gradient = divide(shard.records.T @ (found - shard.labels), s)
    if spec.l2:
        gradient[:-1] += _decay(spec, shard, parameters, divide)
    step = dyadic(spec.learning_rate / spec.slots, s)
    return divide(-gradient.ravel() * step.mantissa, s + step.shift)


def _forward(
    spec: CircuitSpec, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntegerProbabilities:
    products = shard.records @ _rows(spec, parameters)
    return integer_probabilities(spec, divide(products, spec.scale_bits + parameters.shift))


def _decay(
    spec: CircuitSpec, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntArray:
    strength = dyadic(spec.l2, spec.scale_bits)
    used = divide(-shard.mask.sum() * strength.mantissa, spec.scale_bits + strength.shift)
    weights = _rows(spec, parameters)[:-1]
    return -divide(np.asarray(weights * used), spec.scale_bits + parameters.shift)


def _rows(spec: CircuitSpec, parameters: IntegerParameters) -> IntArray:
    return parameters.values.reshape(spec.features + 1, spec.label_columns)
