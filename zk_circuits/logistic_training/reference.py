"""The training circuit in integers: what an honest prover's witness holds, bit for bit."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from zkfl.field import to_field, to_signed
from zkfl.fixed_point import IntArray, dyadic, rescale, sigmoid
from zkfl.zk_circuits.layout import Shard, signed_array, unpack_data, unpack_model
from zkfl.zk_circuits.spec import (
    DITHER_BITS,
    MODEL_DROPPED_BITS,
    MODEL_GUARD_BITS,
    CircuitSpec,
)

Rescale = Callable[[IntArray, int], IntArray]
"""Divides by a power of two: ``(values, bits)``, as `zkfl.fixed_point.rescale`."""
_TWO_VALUED = 1.5
"""More than a prover's choice of floor or ceiling can differ from honest rounding."""


def logistic_update(
    spec: CircuitSpec,
    data: Sequence[int],
    model: Sequence[int],
    secrets: Sequence[int],
    public: Sequence[int],
) -> tuple[list[int], list[int]]:
    """Compute the outputs of the training circuit.

    Parameters
    ----------
    spec
        Sizes and constants.
    data, model, secrets, public
        Field elements, laid out as `zkfl.zk_circuits.layout` does.

    Returns
    -------
    tuple[list[int], list[int]]
        The update and the zeros, as field elements.
    """
    noise = signed_array(secrets[: spec.parameters])
    start = coarse_model(unpack_model(spec, model))
    delta = local_delta(spec, unpack_data(spec, data), start)
    tail = list(secrets[spec.parameters : spec.model_length])
    update = [to_field(int(value)) for value in (delta << DITHER_BITS) + noise] + tail
    return update, _zeros(spec, delta, noise, to_signed(public[0]))


def coarse_model(parameters: Sequence[int]) -> IntArray:
    """Return parameters at scale ``s + 12`` from those at scale ``s + 39``, int64.

    Python's integers, since a large model does not fit int64; the quotient is a float64 as
    EZKL's is.
    """
    divisor = 1 << MODEL_DROPPED_BITS
    halved_up = [math.floor(abs(value) / divisor + 0.5) for value in parameters]
    signs = np.sign([float(value) for value in parameters]).astype(np.int64)
    return np.asarray(signs * np.array(halved_up, dtype=np.int64), dtype=np.int64)


def local_delta(
    spec: CircuitSpec, shard: Shard, model: IntArray, divide: Rescale = rescale
) -> IntArray:
    """Return the change of the parameters before noise, int64 at scale ``s``, shape (P,).

    Parameters
    ----------
    spec
        Sizes and constants.
    shard
        Signed integers at scale ``s``.
    model
        int64 at scale ``s + 12``, shape (P,); see `coarse_model`.
    divide
        The honest prover's rounding; tests put a hostile one in its place.
    """
    delta = _one_step(spec, shard, model, MODEL_GUARD_BITS, divide)
    for _ in range(spec.local_steps - 1):
        moved = divide(model + (delta << MODEL_GUARD_BITS), MODEL_GUARD_BITS)
        delta = delta + _one_step(spec, shard, moved, 0, divide)
    return delta


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


def _one_step(
    spec: CircuitSpec, shard: Shard, parameters: IntArray, shift: int, divide: Rescale
) -> IntArray:
    """Return one step's change; ``parameters`` are at scale ``s + shift``."""
    s = spec.scale_bits
    records = np.concatenate([shard.features, shard.mask[:, None]], axis=1)
    half = divide(records @ parameters, s + shift + 1)
    residual = sigmoid(_saturate(spec, half), s) - shard.labels
    gradient = divide(records.T @ residual, s)
    if spec.l2:
        gradient[:-1] += _decay(spec, shard, parameters[:-1], shift, divide)
    step = dyadic(spec.learning_rate / spec.slots, s)
    return divide(-gradient * step.mantissa, s + step.shift)


def _saturate(spec: CircuitSpec, half: IntArray) -> IntArray:
    bound = spec.logit_integer // 2
    return np.asarray(np.abs(half + bound) - np.abs(half - bound), dtype=np.int64)


def _decay(
    spec: CircuitSpec, shard: Shard, weights: IntArray, shift: int, divide: Rescale
) -> IntArray:
    strength = dyadic(spec.l2, spec.scale_bits)
    used = divide(-shard.mask.sum() * strength.mantissa, spec.scale_bits + strength.shift)
    return -divide(weights * used, spec.scale_bits + shift)


def _zeros(spec: CircuitSpec, delta: IntArray, noise: IntArray, noise_bound: int) -> list[int]:
    squared = int(rescale(delta @ delta, spec.scale_bits))
    excess = [squared - round(spec.clip**2 * spec.one)]
    excess += [abs(int(value)) - noise_bound for value in noise]
    return [to_field(abs(value) + value) for value in excess]
