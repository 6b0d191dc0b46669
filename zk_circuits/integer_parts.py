"""Integer counterparts of what the graphs of several families share, bit for bit."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from zkfl.fixed_point import IntArray, dyadic, sigmoid
from zkfl.zk_circuits.initial_parameters import initial_parameters
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.spec import MODEL_DROPPED_BITS, CircuitSpec

Rescale = Callable[[IntArray, int], IntArray]
"""Divides by a power of two: ``(values, bits)``, as `zkfl.fixed_point.rescale`."""


class IntegerParameters(NamedTuple):
    """Parameters as a step takes them, the initial ones included.

    Attributes
    ----------
    values
        int64 at scale ``s + shift``, shape (P,).
    shift
        12 for a model from the chain, 0 for one that a local step has moved.
    """

    values: IntArray
    shift: int


def coarse_model(parameters: Sequence[int]) -> IntArray:
    """Return parameters at scale ``s + 12`` from those at scale ``s + 39``, int64.

    Python's integers, since a large model does not fit int64; the quotient is a float64 as
    EZKL's is.
    """
    divisor = 1 << MODEL_DROPPED_BITS
    halved_up = [math.floor(abs(value) / divisor + 0.5) for value in parameters]
    signs = np.sign([float(value) for value in parameters]).astype(np.int64)
    return np.asarray(signs * np.array(halved_up, dtype=np.int64), dtype=np.int64)


def whole_parameters(spec: CircuitSpec, model: IntArray) -> IntArray:
    """Return the parameters to compute with: the model on chain is the change from the first.

    Parameters
    ----------
    spec
        Sizes and the choice of model.
    model
        int64 at scale ``s + 12``, as `coarse_model` returns it.
    """
    return model + (initial_parameters(spec.model, spec.features) << spec.scale_bits)


def saturated(spec: CircuitSpec, halves: IntArray) -> IntArray:
    """Return logits within the bound from half logits, scale ``s``."""
    bound = spec.logit_integer // 2
    return np.asarray(np.abs(halves + bound) - np.abs(halves - bound), dtype=np.int64)


def residuals(spec: CircuitSpec, logits: IntArray, labels: IntArray, divide: Rescale) -> IntArray:
    """Return each record's ``weight(label) * (sigmoid(logit) - label)``, scale ``s``."""
    residual = sigmoid(logits, spec.scale_bits) - labels
    low, high = (round(weight * spec.one) for weight in spec.class_weights)
    if low == high:
        return np.asarray(residual, dtype=np.int64)
    factor = (labels * (high - low) >> spec.scale_bits) + low
    return divide(residual * factor, spec.scale_bits)


def decay(
    spec: CircuitSpec,
    shard: Shard,
    parameters: IntegerParameters,
    decayed: Sequence[float],
    divide: Rescale,
) -> IntArray:
    """Return `DecayedStep`'s L2 term, ``-lr/B * l2 * count * w``; ``decayed`` is 0 for biases."""
    if not spec.l2:
        return np.zeros_like(parameters.values)
    s = spec.scale_bits
    strength = dyadic(spec.l2 * spec.learning_rate / spec.slots, s)
    used = divide(-shard.mask.sum() * strength.mantissa, s + strength.shift)
    held = divide(parameters.values * used, s + parameters.shift)
    return held * np.array(decayed, dtype=np.int64)
