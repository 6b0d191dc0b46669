"""The verified run beside its baselines, scored on one test set after every round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.baselines import Schedule, ShardRecords, alone, plain_fedavg, pooled
from zkfl.evaluation.errors import EvaluationError
from zkfl.evaluation.metrics import Metrics
from zkfl.evaluation.model_metrics import evaluate_model
from zkfl.evaluation.training import TrainingStep
from zkfl.zk_circuits.model_choice import ModelChoice

History = tuple[Metrics, ...]
"""Metrics of the first model and after each round."""


@dataclass(frozen=True)
class Comparison:
    """Metrics by round of every way to train.

    Attributes
    ----------
    dataset : str
        The data set.
    verified, fedavg, pooled : tuple[Metrics, ...]
        Entry 0 is the first model, entry r the model after round r.
    alone : dict[str, tuple[Metrics, ...]]
        The same by hospital.
    """

    dataset: str
    verified: History
    fedavg: History
    pooled: History
    alone: Mapping[str, History]

    @property
    def rounds(self) -> int:
        """Number of rounds."""
        return len(self.verified) - 1


def compare(  # noqa: PLR0913 - a comparison needs both sides and what they share
    dataset: str,
    *,
    verified: NDArray[np.float64],
    hospitals: Mapping[str, Sequence[ShardRecords]],
    schedule: Schedule,
    step: TrainingStep,
    test: ShardRecords,
) -> Comparison:
    """Train every baseline on the verified run's schedule and score all on the test set.

    Parameters
    ----------
    dataset
        Name for reports.
    verified
        float64 ``(rounds + 1, P)``: the chain's models, the first one before any round.
    hospitals
        Shards by hospital name, in the schedule's order.
    schedule
        What the contract chose.
    step
        Public constants.
    test
        Features and labels held out.

    Raises
    ------
    EvaluationError
        Models, schedule and hospitals do not fit each other.
    """
    if len(verified) != len(schedule) + 1:
        raise EvaluationError(
            f"{len(verified)} verified models for {len(schedule)} rounds: give the first model "
            "and the model after each round"
        )
    shards = list(hospitals.values())
    return Comparison(
        dataset,
        score(verified, test, step.model),
        score(plain_fedavg(shards, schedule, step), test, step.model),
        score(pooled(shards, len(schedule), step), test, step.model),
        {
            name: score(alone(own, _own_selection(place, schedule), step), test, step.model)
            for place, (name, own) in enumerate(hospitals.items())
        },
    )


def score(models: NDArray[np.float64], test: ShardRecords, choice: ModelChoice) -> History:
    """Evaluate each of the models ``(rounds + 1, P)`` on the test set."""
    return tuple(evaluate_model(m, test.features, test.labels, choice) for m in models)


def _own_selection(place: int, schedule: Schedule) -> list[int]:
    """Return the shards one hospital trained on; alone it takes no step in a round it missed."""
    return [choice.shard for choices in schedule if (choice := choices[place]) is not None]
