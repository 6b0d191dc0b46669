"""A training circuit in integers: what an honest prover's witness holds, bit for bit."""

from collections.abc import Sequence

import numpy as np

from zkfl.field import to_field, to_signed
from zkfl.fixed_point import IntArray, dyadic, rescale
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.integer_parts import (
    IntegerParameters,
    Rescale,
    coarse_model,
    whole_parameters,
)
from zkfl.zk_circuits.layout import Shard, rate_of, signed_array, unpack_data, unpack_model
from zkfl.zk_circuits.spec import DITHER_BITS, MODEL_GUARD_BITS, CircuitSpec


def training_update(
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
        The update and the zeros, as field elements. A rate comes out as it is in the secrets.
    """
    noise = signed_array(secrets[: spec.parameters])
    start = coarse_model(unpack_model(spec, model))
    delta = local_delta(spec, unpack_data(spec, data), start, rate=rate_of(spec, secrets))
    tail = list(secrets[spec.parameters : spec.model_length])
    update = [to_field(int(value)) for value in (delta << DITHER_BITS) + noise] + tail
    return update, _zeros(spec, delta, noise, to_signed(public[0]))


def local_delta(
    spec: CircuitSpec,
    shard: Shard,
    model: IntArray,
    divide: Rescale = rescale,
    rate: int | None = None,
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
    rate
        Of the round, 1 to ``2^rate_bits``; the full one if None.
    """
    family, start = family_of(spec.model), whole_parameters(spec, model)
    first = family.integer_step(spec, shard, IntegerParameters(start, MODEL_GUARD_BITS), divide)
    delta = velocity = _rated(spec, first, rate, divide)
    for _ in range(spec.local_steps - 1):
        moved = divide(start + (delta << MODEL_GUARD_BITS), MODEL_GUARD_BITS)
        change = family.integer_step(spec, shard, IntegerParameters(moved, 0), divide)
        change = change + _pull(spec, shard, delta, divide)
        velocity = _rated(spec, change, rate, divide) - _inertia(spec, velocity, divide)
        delta = delta + velocity
    return delta


def _rated(spec: CircuitSpec, change: IntArray, rate: int | None, divide: Rescale) -> IntArray:
    if not spec.rate_bits:
        return change
    return divide(change * (spec.full_rate if rate is None else rate), spec.rate_bits)


def _pull(spec: CircuitSpec, shard: Shard, delta: IntArray, divide: Rescale) -> IntArray:
    """Return FedProx' term, ``-lr/B * mu * count * delta``."""
    if not spec.proximal:
        return np.zeros_like(delta)
    rate = spec.proximal * spec.learning_rate / spec.slots
    return divide(delta * _times(spec, shard.mask.sum(), rate, divide), spec.scale_bits)


def _inertia(spec: CircuitSpec, velocity: IntArray, divide: Rescale) -> IntArray:
    if not spec.momentum:
        return np.zeros_like(velocity)
    return _times(spec, velocity, spec.momentum, divide)


def _times(spec: CircuitSpec, values: IntArray, constant: float, divide: Rescale) -> IntArray:
    """Return ``-constant * values``."""
    factor = dyadic(constant, spec.scale_bits)
    return divide(-values * factor.mantissa, spec.scale_bits + factor.shift)


def _zeros(spec: CircuitSpec, delta: IntArray, noise: IntArray, noise_bound: int) -> list[int]:
    squared = int(rescale(delta @ delta, spec.scale_bits))
    excess = [squared - round(spec.clip**2 * spec.one)]
    excess += [abs(int(value)) - noise_bound for value in noise]
    return [to_field(abs(value) + value) for value in excess]
