"""Federated training in floating point with several local steps: FedAvg, FedProx, own heads.

FedAvg: McMahan et al. 2017, https://arxiv.org/abs/1602.05629. FedProx: Li et al. 2020,
https://arxiv.org/abs/1812.06127. Own heads: each site goes on from the last global model on
its own records (fine-tuning, as in Wang et al. 2019, https://arxiv.org/abs/1910.10252).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.baselines import ShardRecords
from zkfl.evaluation.training import TrainingStep, first_model, local_update
from zkfl.zk_circuits.model_choice import LOGISTIC, ModelChoice

Model = NDArray[np.float64]


@dataclass(frozen=True)
class Recipe:
    """How sites train.

    Attributes
    ----------
    learning_rate, l2
        Of one local step on the mean gradient.
    rounds, local_steps
        Rounds, and full-batch steps of a site in each.
    proximal
        FedProx's ``mu``, the pull back to the round's model; 0 is FedAvg.
    model
        Which model.
    """

    learning_rate: float
    l2: float
    rounds: int
    local_steps: int
    proximal: float = 0.0
    model: ModelChoice = LOGISTIC


def federated(sites: Sequence[ShardRecords], recipe: Recipe) -> Model:
    """Return the model after the last round; a site counts by its records, an empty one not."""
    present = [site for site in sites if len(site.labels)]
    counts = np.array([len(site.labels) for site in present], dtype=np.float64)
    model = first_model(recipe.model, present[0].features.shape[1])
    for _ in range(recipe.rounds):
        local = [steps(model, site, recipe, recipe.local_steps) for site in present]
        model = np.average(local, axis=0, weights=counts)
    return model


def steps(start: Model, site: ShardRecords, recipe: Recipe, count: int) -> Model:
    """Return a model that took so many steps on a site's records; as it was if it has none."""
    if not len(site.labels):
        return start
    step = TrainingStep(
        recipe.learning_rate,
        recipe.l2,
        slots=len(site.labels),
        model=recipe.model,
        local_steps=count,
        proximal=recipe.proximal,
    )
    return start + local_update(start, site.features, site.labels, step)
