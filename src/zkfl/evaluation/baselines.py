"""What the same schedule gives without proofs, without partners, and with pooled records.

All baselines take the verified run's own steps, shards and constants, so that a
difference is due to what they leave out and to nothing else. FedAvg: McMahan et al.
2017, https://arxiv.org/abs/1602.05629, with full-shard steps.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.errors import EvaluationError
from zkfl.evaluation.training import TrainingStep, first_model, local_update

WEIGHT_UNIT = 1 << 16
"""Shares and weights are integers in units of ``2^-16``."""


class ShardRecords(NamedTuple):
    """The used slots of a shard: float64 ``(c, F)`` and int64 labels ``(c,)``."""

    features: NDArray[np.float64]
    labels: NDArray[np.int64]


class Selection(NamedTuple):
    """What the contract chose for one hospital in one round.

    ``shard`` is an index into its shards, ``share`` an integer in units of ``2^-16``.
    """

    shard: int
    share: int


Schedule = Sequence[Sequence[Selection | None]]
"""By round, then by hospital; None for a hospital outside the round's cohort."""


def contract_weight(share: int, slots: int, used: int) -> int:
    """Return ``w = round_half_up(share * B / c)``, units of ``2^-16``, as the contract does."""
    return (2 * share * slots + used) // (2 * used)


def plain_fedavg(
    hospitals: Sequence[Sequence[ShardRecords]], schedule: Schedule, step: TrainingStep
) -> NDArray[np.float64]:
    """Run FedAvg in floating point on the contract's own schedule.

    Parameters
    ----------
    hospitals
        Shards by hospital.
    schedule
        Chosen shards and shares by round; shares of a round sum to ``2^16``.
    step
        Public constants.

    Returns
    -------
    numpy.ndarray
        float64 ``(rounds + 1, P)``: the first model, then the model after each round.

    Raises
    ------
    EvaluationError
        A round names other hospitals or shards than there are, or shares that do not
        sum to ``2^16``.
    """
    models = [_first_model(hospitals, step)]
    for number, choices in enumerate(schedule, start=1):
        _require_round(number, choices, hospitals)
        rated = step.in_round(number)
        models.append(models[-1] + _round_sum(models[-1], hospitals, choices, rated))
    return np.stack(models)


def alone(
    shards: Sequence[ShardRecords], selection: Sequence[int], step: TrainingStep
) -> NDArray[np.float64]:
    """Train one hospital on its own shards only, the same one each round.

    Returns
    -------
    numpy.ndarray
        float64 ``(rounds + 1, P)``.

    Raises
    ------
    EvaluationError
        A selected shard does not exist.
    """
    schedule = [[Selection(shard, WEIGHT_UNIT)] for shard in selection]
    return plain_fedavg([shards], schedule, step)


def pooled(
    hospitals: Sequence[Sequence[ShardRecords]], rounds: int, step: TrainingStep
) -> NDArray[np.float64]:
    """Take full-batch steps over everyone's records in one place: the upper reference.

    Returns
    -------
    numpy.ndarray
        float64 ``(rounds + 1, P)``.

    Raises
    ------
    EvaluationError
        There is no shard.
    """
    models = [_first_model(hospitals, step)]
    features = np.concatenate([shard.features for shards in hospitals for shard in shards])
    labels = np.concatenate([shard.labels for shards in hospitals for shard in shards])
    full_batch = replace(step, slots=len(labels))
    for number in range(1, rounds + 1):
        rated = full_batch.in_round(number)
        models.append(models[-1] + local_update(models[-1], features, labels, rated))
    return np.stack(models)


def _round_sum(
    model: NDArray[np.float64],
    hospitals: Sequence[Sequence[ShardRecords]],
    choices: Sequence[Selection | None],
    step: TrainingStep,
) -> NDArray[np.float64]:
    total = np.zeros_like(model)
    for shards, choice in zip(hospitals, choices, strict=True):
        if choice is not None:
            features, labels = shards[choice.shard]
            weight = contract_weight(choice.share, step.slots, len(labels))
            total += weight / WEIGHT_UNIT * local_update(model, features, labels, step)
    return total


def _first_model(
    hospitals: Sequence[Sequence[ShardRecords]], step: TrainingStep
) -> NDArray[np.float64]:
    if not hospitals or not all(hospitals):
        raise EvaluationError("a hospital has no shard: admit its records before comparing")
    return first_model(step.model, hospitals[0][0].features.shape[1])


def _require_round(
    number: int,
    choices: Sequence[Selection | None],
    hospitals: Sequence[Sequence[ShardRecords]],
) -> None:
    if len(choices) != len(hospitals):
        raise EvaluationError(
            f"round {number} has {len(choices)} choices for {len(hospitals)} hospitals: give "
            "None for those outside the cohort"
        )
    total = sum(choice.share for choice in choices if choice is not None)
    if total != WEIGHT_UNIT:
        raise EvaluationError(f"shares of round {number} sum to {total}, not {WEIGHT_UNIT}")
    for place, (choice, shards) in enumerate(zip(choices, hospitals, strict=True)):
        if choice is not None and not 0 <= choice.shard < len(shards):
            raise EvaluationError(
                f"round {number} selects shard {choice.shard} of hospital {place}, which has "
                f"{len(shards)}"
            )
