"""FedAvg, FedProx and own heads on sites that are made less and less alike."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.baselines import ShardRecords
from zkfl.evaluation.metrics import evaluate
from zkfl.evaluation.training import probabilities
from zkfl.node.records.standardise import FeatureBounds
from zkfl.studies.comparison import Row
from zkfl.studies.float_training import Model, Recipe, federated, steps
from zkfl.studies.intervals import mean_interval
from zkfl.studies.skews import Deal, SkewedSite, feature_shift, label_skew, quantity_skew
from zkfl.studies.study import Study
from zkfl.zk_circuits.model_choice import ModelChoice

SITES = 6
LOCAL_STEPS = 10
PROXIMAL = (0.1, 1.0)
OWN_STEPS = 50
"""Steps of a site on its own records after the last round."""
ALPHAS = (100.0, 1.0, 0.3, 0.1)
STRENGTHS = (0.0, 0.5, 1.0, 2.0)
LEVELS: Mapping[str, tuple[float, ...]] = {
    "label skew": ALPHAS,
    "quantity skew": ALPHAS,
    "feature shift": STRENGTHS,
}
FEDAVG, OWN = "FedAvg", "own heads"
FEDPROX = {mu: f"FedProx, mu {mu:g}" for mu in PROXIMAL}
WAYS = (FEDAVG, *FEDPROX.values(), OWN)
_FIGURES = ("auc", "accuracy")


def measure(study: Study, seeds: Sequence[int], data_dir: Path | None = None) -> Iterator[Row]:
    """Yield a row a skew, level and way: AUC and accuracy over all seeds."""
    pools = {seed: pool_of(study, seed, data_dir) for seed in seeds}
    for skew, levels in LEVELS.items():
        for level in levels:
            found = [_one(study, pools[seed], skew, level, seed) for seed in seeds]
            for way in WAYS:
                yield {"skew": skew, "level": level, "way": way, **_over([f[way] for f in found])}


def _over(found: Sequence[Mapping[str, float]]) -> Row:
    return {name: mean_interval([one[name] for one in found]).to_dict() for name in _FIGURES}


def pool_of(study: Study, seed: int, data_dir: Path | None) -> tuple[ShardRecords, ShardRecords]:
    """Return everybody's training records and the test records; who held them is forgotten."""
    federation = study.federation(seed, data_dir)
    features = np.concatenate([hospital.features for hospital in federation.hospitals])
    labels = np.concatenate([hospital.labels for hospital in federation.hospitals])
    test = ShardRecords(federation.test_features, federation.test_labels)
    return ShardRecords(features, labels), test


def _one(
    study: Study,
    pool: tuple[ShardRecords, ShardRecords],
    skew: str,
    level: float,
    seed: int,
) -> dict[str, dict[str, float]]:
    sites = deal_of(study, skew, level, seed)(*pool)
    recipe = _recipe(study)
    train = [site.train for site in sites]
    averaged = federated(train, recipe)
    models = {
        FEDAVG: [averaged] * len(sites),
        **{way: [federated(train, _recipe(study, mu))] * len(sites) for mu, way in FEDPROX.items()},
        OWN: [steps(averaged, own, recipe, OWN_STEPS) for own in train],
    }
    choice = study.spec.model
    return {way: score_sites(sites, found, choice) for way, found in models.items()}


def _recipe(study: Study, proximal: float = 0.0) -> Recipe:
    """Step by ``1/L``, L the largest curvature that rows within the bound and a bias can have.

    Where features are shifted, the circuits' own learning rate would overshoot.
    """
    spec = study.spec
    curvature = (spec.norm_bound**2 + 1) / 4 + spec.l2 + proximal
    return Recipe(1 / curvature, spec.l2, study.rounds, LOCAL_STEPS, proximal, spec.model)


def deal_of(study: Study, skew: str, level: float, seed: int) -> Deal:
    """Return how a pool is dealt to sites that are unlike by so much, the same for a seed."""
    rng = np.random.default_rng((seed, list(LEVELS).index(skew), LEVELS[skew].index(level)))
    if skew == "label skew":
        return label_skew(SITES, level, rng)
    if skew == "quantity skew":
        return quantity_skew(SITES, level, rng)
    spec = study.spec
    bounds = FeatureBounds(spec.feature_bound, spec.norm_bound, spec.scale_bits)
    return feature_shift(SITES, level, bounds, rng)


def score_sites(
    sites: Sequence[SkewedSite], models: Sequence[Model], choice: ModelChoice
) -> dict[str, float]:
    """Score each site's test records by the model that the site would use, all together."""
    pairs = [(site.test, model) for site, model in zip(sites, models, strict=True)]
    found: NDArray[np.float64] = np.concatenate(
        [probabilities(m, t.features, choice) for t, m in pairs]
    )
    metrics = evaluate(np.concatenate([test.labels for test, _ in pairs]), found)
    return {name: float(getattr(metrics, name)) for name in _FIGURES}
