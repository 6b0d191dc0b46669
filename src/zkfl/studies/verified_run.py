"""Verified training in exact integers, by the training circuit's reference.

A proof shows that an update is what the reference computes, and the chain adds updates up by
the contract's weights; so the models here are those of the chain, bit for bit, for the same
shards, schedule and secrets. `zkfl.studies.proven_run` shows it on a chain.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from zkfl.chain.protocol import weight
from zkfl.evaluation.baselines import Selection
from zkfl.evaluation.training import model_from_chain
from zkfl.fixed_point import IntArray, rescale
from zkfl.studies.errors import StudyError
from zkfl.zk_circuits.integer_parts import coarse_model
from zkfl.zk_circuits.layout import Shard, pack_secrets, signed_array, unpack_data
from zkfl.zk_circuits.spec import DITHER_BITS, CircuitSpec
from zkfl.zk_circuits.training_reference import local_delta

Secrets = Callable[[int, int], list[int]]
"""The secrets vector of a round (from 1) and a site (its place, from 0)."""


def verified_models(  # noqa: PLR0913, PLR0917 - a run has all of these
    spec: CircuitSpec,
    vectors: Sequence[Sequence[list[int]]],
    schedule: Sequence[Sequence[Selection]],
    secrets: Secrets,
    noise_bound: int,
    first: Sequence[int] | None = None,
) -> list[list[int]]:
    """Return the model before the first round and after each, at scale ``s + 39``.

    Parameters
    ----------
    spec
        Sizes and constants.
    vectors
        Data vectors by site and shard.
    schedule
        Shard and share by round and site.
    secrets
        What each site adds.
    noise_bound
        Of the consortium, an integer at scale ``s + 23``.
    first
        Model before the first round, at scale ``s + 39``; zeros where none is given.

    Raises
    ------
    StudyError
        A step has no proof: its update is beyond the clip, or its noise beyond the bound.
    """
    # unpacking a vector takes longer than a step on it
    shards = [[unpack_data(spec, vector) for vector in own] for own in vectors]
    models = [list(first or [0] * spec.parameters)]
    for number, choices in enumerate(schedule, start=1):
        total = list(models[-1])
        for place, choice in enumerate(choices):
            shard = shards[place][choice.shard]
            noise = signed_array(secrets(number, place)[: spec.parameters])
            update = _update(spec, shard, models[-1], noise, noise_bound)
            factor = weight(choice.share, spec.slots, shard.count)
            total = [entry + factor * int(own) for entry, own in zip(total, update, strict=True)]
        models.append(total)
    return models


def uniform_secrets(spec: CircuitSpec, noise_bound: int, seed: int) -> Secrets:
    """Return secrets with seeded uniform noise; a hospital's own noise has no seed."""

    def drawn(number: int, place: int) -> list[int]:
        rng = np.random.default_rng((seed, number, place))
        noise = rng.integers(-noise_bound, noise_bound, spec.parameters, endpoint=True)
        blinders = [0] * spec.update_blinders, [0] * spec.own_blinders
        return pack_secrets(spec, [int(value) for value in noise], *blinders)

    return drawn


def in_floats(models: Sequence[list[int]], spec: CircuitSpec) -> NDArray[np.float64]:
    """Return the whole models of the chain's vectors, float64 ``(rounds + 1, P)``."""
    return np.stack([model_from_chain(model, spec) for model in models])


def _update(
    spec: CircuitSpec, shard: Shard, model: list[int], noise: IntArray, noise_bound: int
) -> IntArray:
    delta = local_delta(spec, shard, coarse_model(model))
    squared = int(rescale(delta @ delta, spec.scale_bits))
    if squared > round(spec.clip**2 * spec.one):
        raise StudyError(
            f"a step of {spec.name} has the length {(squared / spec.one) ** 0.5:.2f}, beyond its "
            f"clip of {spec.clip:g}: it has no proof; lower the learning rate"
        )
    if np.abs(noise).max() > noise_bound:
        raise StudyError(f"noise beyond {noise_bound} has no proof: draw it within the bound")
    return (delta << DITHER_BITS) + noise
