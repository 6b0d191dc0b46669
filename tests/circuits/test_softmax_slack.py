"""A hostile choice of floor or ceiling in a softmax step stays within the stated slack."""

import numpy as np
import pytest

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.instances import BUSI_3, TINY_SOFTMAX
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.model_choice import SoftmaxChoice
from zkfl.zk_circuits.rescale_slack import SlackError
from zkfl.zk_circuits.softmax_training.slack import rescale_slack
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_reference import local_delta

LARGEST_WEIGHT = 2.0
FAST = TINY_SOFTMAX.model_copy(update={"learning_rate": 4.0})
FIVE = TINY_SOFTMAX.model_copy(
    update={"parameters": 20, "model": SoftmaxChoice(classes=5, of_interest=0)}
)
RATED = CircuitSpec.model_validate(
    TINY_SOFTMAX.model_dump() | {"rate_bits": 10, "l2": 0.0, "learning_rate": 0.0625}
)


def floor(values: IntArray, bits: int) -> IntArray:
    return np.asarray(values, dtype=np.int64) >> bits


def ceiling(values: IntArray, bits: int) -> IntArray:
    return -floor(-np.asarray(values, dtype=np.int64), bits)


def alternating(values: IntArray, bits: int) -> IntArray:
    up = np.arange(np.size(values)).reshape(np.shape(values)) % 2
    return np.asarray(np.where(up == 1, ceiling(values, bits), floor(values, bits)))


def full_shard(spec: CircuitSpec, rng: np.random.Generator) -> Shard:
    bound = spec.feature_integer
    features = rng.choice([-bound, 3 - bound, bound - 1], (spec.slots, spec.features))
    features[:, 1:] //= 4
    labels = np.eye(spec.label_columns, dtype=np.int64)[
        rng.integers(0, spec.label_columns, spec.slots)
    ]
    return Shard(features, labels * spec.one, np.full(spec.slots, spec.one, dtype=np.int64))


@pytest.mark.parametrize("spec", [TINY_SOFTMAX, FAST, FIVE])
@pytest.mark.parametrize("divide", [floor, ceiling, alternating])
def test_slack_is_bounded(spec: CircuitSpec, divide: object) -> None:
    rng, furthest = np.random.default_rng(7), 0
    for _ in range(200):
        shard = full_shard(spec, rng)
        weights = rng.uniform(-LARGEST_WEIGHT, LARGEST_WEIGHT, spec.parameters)
        model = np.round(weights * 2**22).astype(np.int64)
        hostile = model + rng.integers(-1, 2, model.shape)
        moved = local_delta(spec, shard, hostile, divide) - local_delta(spec, shard, model)
        furthest = max(furthest, int(np.max(np.abs(moved))))
    assert 0 < furthest <= rescale_slack(spec, LARGEST_WEIGHT)


@pytest.mark.parametrize("divide", [floor, ceiling, alternating])
def test_a_rounds_rate_adds_slack_within_the_bound(divide: object) -> None:
    """What choices reach is above the bound of the same step without a rate."""
    rng, furthest = np.random.default_rng(7), 0
    for _ in range(200):
        shard = full_shard(RATED, rng)
        weights = rng.uniform(-LARGEST_WEIGHT, LARGEST_WEIGHT, RATED.parameters)
        model = np.round(weights * 2**22).astype(np.int64)
        hostile = model + rng.integers(-1, 2, model.shape)
        rate = int(rng.integers(1, RATED.full_rate + 1))
        moved = local_delta(RATED, shard, hostile, divide, rate)
        moved -= local_delta(RATED, shard, model, rate=rate)
        furthest = max(furthest, int(np.max(np.abs(moved))))
    unrated = rescale_slack(RATED.model_copy(update={"rate_bits": 0}), LARGEST_WEIGHT)
    assert (unrated, rescale_slack(RATED, LARGEST_WEIGHT)) == (1, 3)
    assert furthest == 2


def test_the_documented_slack() -> None:
    assert rescale_slack(TINY_SOFTMAX, LARGEST_WEIGHT) == 4
    assert rescale_slack(BUSI_3, 8.0) == 78


def test_several_local_steps_have_no_bound() -> None:
    spec = TINY_SOFTMAX.model_copy(update={"local_steps": 2})
    with pytest.raises(SlackError, match="no bound on the slack of a softmax model"):
        rescale_slack(spec, LARGEST_WEIGHT)
