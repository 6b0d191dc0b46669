"""FedAvg, FedProx and fine-tuning in floating point, against what they must come to."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from zkfl.evaluation.baselines import ShardRecords, pooled
from zkfl.evaluation.training import TrainingStep, local_update
from zkfl.studies.float_training import Recipe, federated, steps

RECIPE = Recipe(learning_rate=0.3, l2=0.01, rounds=8, local_steps=1)
Make = Callable[[int, int], ShardRecords]


def test_with_one_local_step_fedavg_is_pooled_training(make_records: Make) -> None:
    sites = [make_records(1, 30), make_records(2, 50), make_records(3, 20)]
    together = pooled([[site] for site in sites], RECIPE.rounds, TrainingStep(0.3, 0.01, 1))
    np.testing.assert_allclose(federated(sites, RECIPE), together[-1], atol=1e-12)


def test_with_one_local_step_a_pull_back_has_nothing_to_pull(make_records: Make) -> None:
    sites = [make_records(1, 30), make_records(2, 50)]
    pulled = federated(sites, replace(RECIPE, proximal=1.0))
    np.testing.assert_array_equal(pulled, federated(sites, RECIPE))


def test_a_pull_back_keeps_local_models_closer(make_records: Make) -> None:
    site, start = make_records(1, 30), np.full(5, 0.5)
    free, held = (steps(start, site, replace(RECIPE, proximal=mu), 20) for mu in (0.0, 1.0))
    assert 0 < np.linalg.norm(held - start) < np.linalg.norm(free - start)


def test_the_second_local_step_is_pulled_back_by_mu_times_the_distance(make_records: Make) -> None:
    site, start = make_records(1, 30), np.zeros(5)
    step = TrainingStep(0.3, 0.01, 30)
    once = start + local_update(start, site.features, site.labels, step)
    twice = once + local_update(once, site.features, site.labels, step) - 0.3 * 2.0 * once
    found = steps(start, site, replace(RECIPE, proximal=2.0), 2)
    np.testing.assert_allclose(found, twice, atol=1e-12)


def test_an_empty_site_changes_nothing(make_records: Make) -> None:
    sites = [make_records(1, 30), make_records(2, 50)]
    empty = ShardRecords(np.zeros((0, 4)), np.zeros(0, dtype=np.int64))
    np.testing.assert_array_equal(federated([*sites, empty], RECIPE), federated(sites, RECIPE))
    start = np.arange(5.0)
    np.testing.assert_array_equal(steps(start, empty, RECIPE, 3), start)
