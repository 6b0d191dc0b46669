"""A hostile choice of floor or ceiling in every rescale stays within the stated slack."""

import numpy as np
import pytest

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.instances import TINY, WDBC
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.logistic_training.reference import rescale_slack
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_reference import local_delta

LARGEST_WEIGHT = 8.0


def floor(values: IntArray, bits: int) -> IntArray:
    return np.asarray(values, dtype=np.int64) >> bits


def ceiling(values: IntArray, bits: int) -> IntArray:
    return -floor(-np.asarray(values, dtype=np.int64), bits)


def random_choice(values: IntArray, bits: int) -> IntArray:
    choice = np.random.default_rng(3).integers(0, 2, np.shape(values), dtype=np.int64)
    return floor(values, bits) * choice + ceiling(values, bits) * (1 - choice)


def worst_shard(spec: CircuitSpec) -> Shard:
    rng = np.random.default_rng(5)
    extremes = rng.choice([-spec.feature_integer, spec.feature_integer - 3], size=1)
    features = np.full((spec.slots, spec.features), int(extremes[0]), dtype=np.int64)
    features[::2] -= np.sign(features[::2]) * 7
    labels = rng.integers(0, 2, spec.slots) * spec.one
    return Shard(features, labels, np.full(spec.slots, spec.one, dtype=np.int64))


@pytest.mark.parametrize("spec", [TINY, WDBC], ids=lambda spec: spec.name)
@pytest.mark.parametrize("divide", [floor, ceiling, random_choice])
def test_slack_is_bounded(spec: CircuitSpec, divide: object) -> None:
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


def test_the_slack_is_not_vacuous() -> None:
    shard = worst_shard(TINY)
    models = np.random.default_rng(3).integers(-(2**21), 2**21, (20, TINY.parameters))
    moved = [local_delta(TINY, shard, m, floor) - local_delta(TINY, shard, m) for m in models]
    assert np.any(moved)
