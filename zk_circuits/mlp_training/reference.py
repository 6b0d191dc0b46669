"""One local step in integers: what an honest prover's witness holds, bit for bit."""

import math
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

_TWO_VALUED = 1.5
"""More than a prover's choice of floor or ceiling can differ from honest rounding."""


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


def rescale_slack(spec: CircuitSpec, hidden: int, largest_weight: float, undecided: int = 0) -> int:
    """Bound how far a hostile choice of roundings moves an entry of one step.

    Follows the forward and backward pass, a choice of floor or ceiling at each rescale; see
    ``statement.md``. Where a unit's activation is within a unit of zero, the prover also
    chooses its derivative, which moves the first layer by that slot's whole gradient.

    Parameters
    ----------
    spec
        Sizes and constants.
    hidden
        ``H``.
    largest_weight
        Largest magnitude of a parameter, a real number.
    undecided
        Slots in which one and the same unit is that close to zero.

    Returns
    -------
    int
        Units of ``2^-s``.
    """
    weight, feature = largest_weight, max(spec.feature_bound, 1.0)
    early, late = rate_shifts(spec)
    loss = max(spec.class_weights)
    weighing = 0.0 if loss == 1 else _TWO_VALUED
    residual = loss * ((hidden * weight + 4) * _TWO_VALUED / 4 + 1) + weighing
    flipped = 2 * undecided * feature * loss * spec.one
    summed = (2 * spec.slots * feature * residual + flipped) / (1 << early) + _TWO_VALUED
    first = summed * weight / (1 << 1 + late) + _TWO_VALUED
    largest = weight * (math.sqrt(spec.features) * spec.norm_bound + 1)
    second = spec.slots * (largest * residual + _TWO_VALUED * loss) / (1 << early + late)
    held = (weight + 1) * _TWO_VALUED if spec.l2 else 0.0
    return math.ceil(max(first, second + _TWO_VALUED) + held)
