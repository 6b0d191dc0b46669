"""One local step in integers: what an honest prover's witness holds, bit for bit."""

from zkfl.fixed_point import IntArray, dyadic
from zkfl.zk_circuits.integer_parts import IntegerParameters, Rescale, residuals, saturated
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.spec import CircuitSpec


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
