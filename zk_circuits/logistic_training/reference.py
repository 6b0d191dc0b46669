"""One local step in integers: what an honest prover's witness holds, bit for bit."""

import math

from zkfl.fixed_point import IntArray, dyadic
from zkfl.zk_circuits.integer_parts import IntegerParameters, Rescale, residuals, saturated
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.spec import CircuitSpec

_TWO_VALUED = 1.5
"""More than a prover's choice of floor or ceiling can differ from honest rounding."""


def rescale_slack(spec: CircuitSpec, largest_weight: float) -> int:
    """Bound how far a hostile choice of floor or ceiling moves an entry of one step.

    A logit moves by 2 units in the last place and, through the parameters' own rescale, by a
    fraction of one; a residual by 1 (the sigmoid's slope is
    at most 1/4); a gradient by the features' bound for each slot and 1 of its own, the L2
    term by the weight and 1; all of that is multiplied by ``lr/B`` before the last choice.

    Parameters
    ----------
    spec
        Sizes and constants.
    largest_weight
        Largest magnitude of a model parameter, a real number.

    Returns
    -------
    int
        Units of ``2^-s``.
    """
    gradient = spec.slots * max(spec.feature_bound, 1.0) + _TWO_VALUED
    decay = largest_weight + _TWO_VALUED if spec.l2 else 0.0
    step = dyadic(spec.learning_rate / spec.slots, spec.scale_bits).value
    return math.ceil(step * (gradient + decay) + _TWO_VALUED) - 1


def integer_logits(
    spec: CircuitSpec, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntArray:
    """Return saturated logits at scale ``s``."""
    half = divide(shard.records @ parameters.values, spec.scale_bits + parameters.shift + 1)
    return saturated(spec, half)


def integer_step(
    spec: CircuitSpec, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntArray:
    """Return one step's change."""
    s = spec.scale_bits
    logits = integer_logits(spec, shard, parameters, divide)
    residual = residuals(spec, logits, shard.labels, divide)
    gradient = divide(shard.records.T @ residual, s)
    if spec.l2:
        gradient[:-1] += _decay(spec, shard, parameters, divide)
    step = dyadic(spec.learning_rate / spec.slots, s)
    return divide(-gradient * step.mantissa, s + step.shift)


def _decay(
    spec: CircuitSpec, shard: Shard, parameters: IntegerParameters, divide: Rescale
) -> IntArray:
    strength = dyadic(spec.l2, spec.scale_bits)
    used = divide(-shard.mask.sum() * strength.mantissa, spec.scale_bits + strength.shift)
    return -divide(parameters.values[:-1] * used, spec.scale_bits + parameters.shift)
