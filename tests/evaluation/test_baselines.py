import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from zkfl.evaluation.baselines import (
    Schedule,
    Selection,
    ShardRecords,
    alone,
    contract_weight,
    plain_fedavg,
    pooled,
)
from zkfl.evaluation.errors import EvaluationError
from zkfl.evaluation.training import (
    TrainingStep,
    local_update,
    model_from_chain,
    probabilities,
)
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.model_choice import LOGISTIC

Hospitals = dict[str, list[ShardRecords]]


def test_the_update_is_the_autograd_gradient(hospitals: Hospitals, step: TrainingStep) -> None:
    features, labels = hospitals["west"][0]
    model = torch.tensor([0.3, -0.2, 0.5, 0.1], dtype=torch.float64, requires_grad=True)
    scores = torch.from_numpy(features) @ model[:-1] + model[-1]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        scores, torch.from_numpy(labels).double(), reduction="sum"
    )
    loss = loss + step.l2 * len(labels) / 2 * (model[:-1] ** 2).sum()
    (gradient,) = torch.autograd.grad(loss, model)
    expected = -step.learning_rate / step.slots * gradient.numpy()
    actual = local_update(model.detach().numpy(), features, labels, step)
    np.testing.assert_allclose(actual, expected, atol=1e-12)


@given(st.integers(0, 1 << 16), st.integers(1, 256), st.integers(1, 256))
def test_weights_round_half_up(share: int, slots: int, used: int) -> None:
    exact = Fraction(share * slots, used)
    assert contract_weight(share, slots, used) == (exact + Fraction(1, 2)).__floor__()


def test_a_round_is_the_share_weighted_mean_gradient(
    hospitals: Hospitals, schedule: Schedule, step: TrainingStep
) -> None:
    models = plain_fedavg(list(hospitals.values()), schedule[:1], step)
    mean_updates = [
        local_update(np.zeros(4), *shards[0], step) * step.slots / len(shards[0].labels)
        for shards in hospitals.values()
    ]
    shares = [27000, 7536, 31000]
    expected = sum(s / 65536 * u for s, u in zip(shares, mean_updates, strict=True))
    np.testing.assert_allclose(models[1], expected, atol=1e-3)
    np.testing.assert_array_equal(models[0], np.zeros(4))


def test_one_hospital_that_holds_everything_is_pooled_training(step: TrainingStep) -> None:
    generator = np.random.default_rng(0)
    shard = ShardRecords(generator.normal(size=(16, 3)), np.arange(16) % 2)
    np.testing.assert_allclose(
        alone([shard], [0] * 5, step), pooled([[shard]], 5, step), atol=1e-12
    )


def test_a_hospital_outside_the_cohort_moves_nothing(
    hospitals: Hospitals, step: TrainingStep
) -> None:
    names = ["north", "south"]
    two = [hospitals[name] for name in names]
    without = plain_fedavg(two, [[Selection(0, 1 << 16), None]], step)
    np.testing.assert_array_equal(without, alone(hospitals["north"], [0], step))


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ([Selection(0, 65536)], "round 1 has 1 choices for 3 hospitals"),
        ([Selection(0, 65535), None, None], "shares of round 1 sum to 65535, not 65536"),
        ([None, Selection(1, 65536), None], "selects shard 1 of hospital 1, which has 1"),
        ([None, Selection(-1, 65536), None], "selects shard -1 of hospital 1"),
    ],
)
def test_a_schedule_that_does_not_fit_is_refused(
    hospitals: Hospitals, step: TrainingStep, choices: list[Selection | None], message: str
) -> None:
    with pytest.raises(EvaluationError, match=re.escape(message)):
        plain_fedavg(list(hospitals.values()), [choices], step)


def test_a_hospital_without_shards_is_refused(hospitals: Hospitals, step: TrainingStep) -> None:
    with pytest.raises(EvaluationError, match="a hospital has no shard"):
        pooled([hospitals["north"], []], 1, step)


def test_huge_scores_do_not_overflow() -> None:
    given_scores = probabilities(np.array([1e6, 0.0]), np.array([[1.0], [-1.0]]), LOGISTIC)
    assert given_scores.tolist() == [1.0, 0.0]


def test_a_model_of_another_size_is_refused() -> None:
    with pytest.raises(EvaluationError, match=re.escape("(3,) does not fit features (2, 3)")):
        probabilities(np.zeros(3), np.zeros((2, 3)), LOGISTIC)


def test_the_chain_model_is_read_at_its_scale() -> None:
    assert model_from_chain([1 << 49, -(1 << 48), 0, 0], TINY).tolist() == [1.0, -0.5, 0, 0]
