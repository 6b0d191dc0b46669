"""A hostile choice of floor or ceiling in every rescale stays within the stated slack."""

import numpy as np
import pytest

from zkfl.zk_circuits.instances import TINY, TINY_MLP, WDBC, WDBC_MLP
from zkfl.zk_circuits.integer_parts import Rescale
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.logistic_training.slack import rescale_slack
from zkfl.zk_circuits.mlp_training.slack import rescale_slack as mlp_slack
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_reference import local_delta

LARGEST_WEIGHT = 8.0
SMALL_WEIGHT = 2.0
COARSE_ONE = 1 << 22


def worst_shard(spec: CircuitSpec) -> Shard:
    rng = np.random.default_rng(5)
    extremes = rng.choice([-spec.feature_integer, spec.feature_integer - 3], size=1)
    features = np.full((spec.slots, spec.features), int(extremes[0]), dtype=np.int64)
    features[::2] -= np.sign(features[::2]) * 7
    labels = rng.integers(0, 2, spec.slots) * spec.one
    return Shard(features, labels, np.full(spec.slots, spec.one, dtype=np.int64))


@pytest.mark.parametrize("spec", [TINY, WDBC], ids=lambda spec: spec.name)
def test_slack_is_bounded(spec: CircuitSpec, divide: Rescale) -> None:
    rng = np.random.default_rng(7)
    shard = worst_shard(spec)
    for _ in range(50):
        weights = rng.uniform(-0.3, 0.3, spec.parameters)
        weights[0] = rng.choice([-LARGEST_WEIGHT, 0.1])
        model = np.round(weights * 2**22).astype(np.int64)
        honest = local_delta(spec, shard, model)
        moved = local_delta(spec, shard, model + rng.integers(-1, 2, model.shape), divide) - honest
        assert np.max(np.abs(moved)) <= rescale_slack(spec, LARGEST_WEIGHT)


def test_the_documented_slack() -> None:
    assert rescale_slack(WDBC, LARGEST_WEIGHT) == 9


def test_the_slack_is_not_vacuous(floor: Rescale) -> None:
    shard = worst_shard(TINY)
    models = np.random.default_rng(3).integers(-(2**21), 2**21, (20, TINY.parameters))
    moved = [local_delta(TINY, shard, m, floor) - local_delta(TINY, shard, m) for m in models]
    assert np.any(moved)


def random_shard(spec: CircuitSpec) -> Shard:
    rng = np.random.default_rng(5)
    limit = round(spec.norm_bound * spec.one / np.sqrt(spec.features))
    limit = min(limit, spec.feature_integer)
    features = rng.integers(-limit, limit + 1, (spec.slots, spec.features))
    labels = rng.integers(0, 2, spec.slots) * spec.one
    return Shard(features, labels, np.full(spec.slots, spec.one, dtype=np.int64))


def small_models(spec: CircuitSpec, count: int = 40) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    weights = rng.uniform(-SMALL_WEIGHT / 4, SMALL_WEIGHT / 4, (count, spec.parameters))
    return list(np.round(weights * COARSE_ONE).astype(np.int64))


@pytest.mark.parametrize("shard_of", [random_shard, worst_shard])
@pytest.mark.parametrize("spec", [TINY_MLP, WDBC_MLP], ids=lambda spec: spec.name)
def test_an_mlps_slack_is_bounded(spec: CircuitSpec, divide: Rescale, shard_of: object) -> None:
    shard = shard_of(spec)
    for model in small_models(spec):
        hostile = model + np.random.default_rng(9).integers(-1, 2, model.shape)
        moved = local_delta(spec, shard, hostile, divide) - local_delta(spec, shard, model)
        bound = mlp_slack(spec, spec.model.hidden, SMALL_WEIGHT, undecided=2)
        assert np.max(np.abs(moved)) <= bound


def test_an_mlps_documented_slack() -> None:
    bounds = [mlp_slack(WDBC_MLP, 4, 1.0, undecided) for undecided in (0, 4)]
    assert bounds == [94, 273]


def test_a_derivative_is_the_provers_where_a_unit_is_near_zero(
    floor: Rescale, ceiling: Rescale
) -> None:
    """One feature puts every slot's first unit half a unit below zero: floor or ceiling decide."""
    spec = TINY_MLP
    shard = random_shard(spec)
    shard.features[:] = 0
    model = np.zeros(spec.parameters, dtype=np.int64)
    first, bias = local_delta(spec, shard, model), spec.features * 2
    model[bias] = -(COARSE_ONE >> (spec.scale_bits + 1))
    low, high = (local_delta(spec, shard, model, divide) for divide in (floor, ceiling))
    assert low[bias] == 0
    assert high[bias] == pytest.approx(first[bias], abs=2)
    assert abs(high[bias] - low[bias]) <= mlp_slack(spec, 2, SMALL_WEIGHT, spec.slots)
