"""One local step in integers: what an honest prover's witness holds, bit for bit."""

from typing import NamedTuple

import numpy as np

from zkfl.fixed_point import IntArray, dyadic
from zkfl.zk_circuits.convolutional_training.module import decayed_parameters
from zkfl.zk_circuits.convolutional_training.patches import patch_places
from zkfl.zk_circuits.integer_parts import (
    IntegerParameters,
    Rescale,
    decay,
    residuals,
    saturated,
)
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.model_choice import ConvolutionalChoice
from zkfl.zk_circuits.rectifier import integer_rectified
from zkfl.zk_circuits.spec import CircuitSpec


class _Forward(NamedTuple):
    """What the filters make of records; see `module.Maps` for the factors.

    Attributes
    ----------
    patches
        Shape (B, cells, 4, 10).
    active
        Shape (B, cells, 4, filters).
    pooled
        Shape (B, filters, cells).
    output
        Weights, shape (filters, cells).
    logits
        Shape (B,).
    """

    patches: IntArray
    active: IntArray
    pooled: IntArray
    output: IntArray
    logits: IntArray


def integer_logits(
    spec: CircuitSpec,
    choice: ConvolutionalChoice,
    shard: Shard,
    parameters: IntegerParameters,
    divide: Rescale,
) -> IntArray:
    """Return saturated logits at scale ``s``."""
    return _forward(spec, choice, shard, parameters, divide).logits


def integer_step(
    spec: CircuitSpec,
    choice: ConvolutionalChoice,
    shard: Shard,
    parameters: IntegerParameters,
    divide: Rescale,
) -> IntArray:
    """Return one step's change."""
    s = spec.scale_bits
    maps = _forward(spec, choice, shard, parameters, divide)
    residual = residuals(spec, maps.logits, shard.labels, divide)
    passed = maps.active * residual[:, None, None, None]
    summed = divide(np.einsum("bqpt,bqpf->qtf", maps.patches, passed), s)
    filters = divide(np.einsum("qtf,fq->tf", summed, maps.output), s + parameters.shift + 3)
    output = divide(np.einsum("bfq,b->fq", maps.pooled, residual), s + 3)
    bias = divide(shard.mask @ residual, s)
    gradient = np.concatenate([filters.ravel(), output.ravel(), [bias]])
    step = dyadic(spec.learning_rate / spec.slots, s)
    change = divide(-gradient * step.mantissa, s + step.shift)
    return change + decay(spec, shard, parameters, decayed_parameters(choice), divide)


def _forward(
    spec: CircuitSpec,
    choice: ConvolutionalChoice,
    shard: Shard,
    parameters: IntegerParameters,
    divide: Rescale,
) -> _Forward:
    s, dense = spec.scale_bits, choice.taps * choice.filters
    filters = parameters.values[:dense].reshape(choice.taps, choice.filters)
    output = parameters.values[dense:-1].reshape(choice.filters, choice.cells)
    patches = shard.records[:, patch_places(choice.side)]
    maps = integer_rectified(divide(patches @ filters, s + parameters.shift))
    pooled = np.einsum("bqpf->bfq", maps.doubled)
    half = divide(np.einsum("bfq,fq->b", pooled, output), s + parameters.shift + 4)
    half = half + divide(parameters.values[-1], parameters.shift + 1)
    return _Forward(patches, maps.active, pooled, output, saturated(spec, half))
