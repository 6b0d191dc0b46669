"""The integers of `zkfl.zk_circuits.descent`, bit for bit."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zkfl.fixed_point import IntArray, dyadic
from zkfl.zk_circuits.integer_parts import IntegerParameters, Rescale
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.spec import CircuitSpec


class Gradient(NamedTuple):
    """A gradient and what the L2 term holds.

    Attributes
    ----------
    values
        Summed over the shard, int64 (P,), scale ``s``.
    decayed
        1 for parameters that the L2 term holds, 0 for biases.
    """

    values: IntArray
    decayed: Sequence[float]


def descent_change(
    spec: CircuitSpec,
    shard: Shard,
    parameters: IntegerParameters,
    gradient: Gradient,
    divide: Rescale,
) -> IntArray:
    """Return ``-lr/B * (gradient + l2*count*w)``, scale ``s``; see a family's `integer_step`."""
    s = spec.scale_bits
    step = dyadic(spec.learning_rate / spec.slots, s)
    change = divide(-gradient.values * step.mantissa, s + step.shift)
    if not spec.l2:
        return change
    strength = dyadic(spec.l2 * spec.learning_rate / spec.slots, s)
    used = divide(-shard.mask.sum() * strength.mantissa, s + strength.shift)
    held = divide(parameters.values * used, s + parameters.shift)
    return change + held * np.array(gradient.decayed, dtype=np.int64)
