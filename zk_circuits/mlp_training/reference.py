"""One local step in integers: what an honest prover's witness holds, bit for bit."""

from typing import NamedTuple

import numpy as np

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.integer_parts import (
    IntegerParameters,
    Rescale,
    decay,
    residuals,
    saturated,
)
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.mlp_training.module import decayed_parameters, rate_shifts
from zkfl.zk_circuits.rectifier import integer_rectified
from zkfl.zk_circuits.spec import CircuitSpec


class _Forward(NamedTuple):
    """The layers' parameters and what they make of records; see `module.Hidden`."""

    output: IntArray
    doubled: IntArray
    active: IntArray
    logits: IntArray


def integer_logits(
    spec: CircuitSpec, hidden: int, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntArray:
    """Return saturated logits at scale ``s``."""
    return _forward(spec, hidden, shard, parameters, divide).logits


def integer_step(
    spec: CircuitSpec, hidden: int, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntArray:
    """Return one step's change."""
    s = spec.scale_bits
    forward = _forward(spec, hidden, shard, parameters, divide)
    residual = residuals(spec, forward.logits, shard.labels, divide)
    early, late = rate_shifts(spec)
    summed = divide(shard.records.T @ (forward.active * residual[:, None]), s + early)
    first = divide(summed * forward.output, s + parameters.shift + 1 + late).ravel()
    second = divide(forward.doubled.T @ residual, s + 1 + early + late)
    bias = divide(shard.mask @ residual, s + early + late)
    change = -np.concatenate([first, second, [bias]])
    decayed = decayed_parameters(spec.features, hidden)
    return change + decay(spec, shard, parameters, decayed, divide)


def _forward(
    spec: CircuitSpec, hidden: int, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> _Forward:
    first = parameters.values[: -hidden - 1].reshape(spec.features + 1, hidden)
    output, bias = parameters.values[-hidden - 1 : -1], parameters.values[-1]
    before = divide(shard.records @ first, spec.scale_bits + parameters.shift)
    doubled, active = integer_rectified(before)
    half = divide(doubled @ output, spec.scale_bits + parameters.shift + 2)
    half = half + divide(bias, parameters.shift + 1)
    return _Forward(output, doubled, active, saturated(spec, half))
