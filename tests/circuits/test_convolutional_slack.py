"""A hostile choice of roundings in a convolutional step stays within the stated slack."""

import numpy as np
import pytest

from zkfl.fixed_point import IntArray, rescale
from zkfl.zk_circuits.convolutional_training.patches import patch_places
from zkfl.zk_circuits.convolutional_training.slack import rescale_slack
from zkfl.zk_circuits.instances import CNN, TINY_CNN
from zkfl.zk_circuits.integer_parts import Rescale, whole_parameters
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.model_choice import ConvolutionalChoice
from zkfl.zk_circuits.spec import MODEL_GUARD_BITS, CircuitSpec
from zkfl.zk_circuits.training_reference import local_delta

ONE = 1 << 22


def choice_of(spec: CircuitSpec) -> ConvolutionalChoice:
    assert isinstance(spec.model, ConvolutionalChoice)
    return spec.model


def shard_of(spec: CircuitSpec, seed: int) -> Shard:
    rng = np.random.default_rng(seed)
    limit = round(spec.norm_bound * spec.one / np.sqrt(spec.features))
    pixels = rng.integers(-limit, limit + 1, (spec.slots, spec.features))
    labels = rng.integers(0, 2, spec.slots) * spec.one
    return Shard(pixels, labels, np.full(spec.slots, spec.one, dtype=np.int64))


def kinks(spec: CircuitSpec, shard: Shard, model: IntArray) -> int:
    """Positions within two units of zero, of the filter that has the most."""
    choice = choice_of(spec)
    filters = whole_parameters(spec, model)[: choice.taps * choice.filters]
    seen = shard.records[:, patch_places(choice.side)]
    values = seen @ filters.reshape(choice.taps, choice.filters)
    near = np.abs(values) < 2 << (spec.scale_bits + MODEL_GUARD_BITS)
    return int(near.sum((0, 1, 2)).max())


def allowed(spec: CircuitSpec, shard: Shard, model: IntArray) -> int:
    real = whole_parameters(spec, model) / ONE
    return rescale_slack(spec, choice_of(spec), real, kinks(spec, shard, model))


@pytest.mark.parametrize("spec", [TINY_CNN, CNN], ids=lambda spec: spec.name)
def test_slack_is_bounded(spec: CircuitSpec, divide: Rescale) -> None:
    rng = np.random.default_rng(7)
    for seed in range(20):
        shard = shard_of(spec, seed)
        model = np.round(rng.uniform(-0.3, 0.3, spec.parameters) * ONE).astype(np.int64)
        hostile = local_delta(spec, shard, model + rng.integers(-1, 2, model.shape), divide)
        moved = hostile - local_delta(spec, shard, model)
        assert np.max(np.abs(moved)) <= allowed(spec, shard, model)


def test_the_documented_slack() -> None:
    """At the first model, without kinks and for twenty; see statement.md."""
    start = whole_parameters(CNN, np.zeros(CNN.parameters, dtype=np.int64)) / ONE
    assert [rescale_slack(CNN, choice_of(CNN), start, count) for count in (0, 20)] == [53, 155]


def test_at_a_kink_the_prover_chooses_the_derivative(floor: Rescale, ceiling: Rescale) -> None:
    """Black images under a bias of half a unit: floor or ceiling decide for every position."""
    spec, choice = TINY_CNN, choice_of(TINY_CNN)
    shard = shard_of(spec, 0)
    shard.features[:] = 0
    bias = (choice.taps - 1) * choice.filters
    model = np.zeros(spec.parameters, dtype=np.int64)
    model[bias : bias + choice.filters] = ONE >> (spec.scale_bits + 1)
    low, high = (local_delta(spec, shard, model, divide) for divide in (floor, ceiling))
    moved = np.max(np.abs(high - low))
    honest = local_delta(spec, shard, model, rescale)
    assert moved >= spec.one // 64
    assert np.max(np.abs(low - honest)) <= allowed(spec, shard, model)
    assert np.max(np.abs(high - honest)) <= allowed(spec, shard, model)
