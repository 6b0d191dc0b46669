"""Baselines take the rates of the verified run's rounds."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zkfl.evaluation.baselines import Selection, ShardRecords, plain_fedavg, pooled

if TYPE_CHECKING:
    from zkfl.evaluation.training import TrainingStep


def test_a_rate_multiplies_the_learning_rate_of_its_round(step: "TrainingStep") -> None:
    rated = replace(step, rates=(1.0, 0.5))
    assert [rated.in_round(number).learning_rate for number in (1, 2, 3)] == [
        step.learning_rate,
        step.learning_rate / 2,
        step.learning_rate / 2,
    ]
    assert step.in_round(7) is step


@pytest.mark.parametrize("together", [False, True])
def test_the_second_step_is_half_as_long(
    together: bool,  # noqa: FBT001 - a parameter of the test
    step: "TrainingStep",
    hospitals: dict[str, list[ShardRecords]],
) -> None:
    own, schedule = [hospitals["north"]], [[Selection(0, 1 << 16)]] * 2

    def models(step: "TrainingStep") -> np.ndarray:
        return pooled(own, 2, step) if together else plain_fedavg(own, schedule, step)

    whole, rated = models(step), models(replace(step, rates=(1.0, 0.5)))
    np.testing.assert_array_equal(rated[1], whole[1])
    np.testing.assert_allclose(2 * (rated[2] - rated[1]), whole[2] - whole[1], atol=1e-12)
