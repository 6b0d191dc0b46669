"""Verified federated training beside plain federated, each site alone, and pooled records."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.consortium import Consortium
from zkfl.datasets.federation import Federation
from zkfl.evaluation.baselines import Selection, ShardRecords, alone, plain_fedavg, pooled
from zkfl.evaluation.metrics import evaluate
from zkfl.evaluation.training import TrainingStep, probabilities
from zkfl.studies.intervals import auc_difference, auc_interval
from zkfl.studies.schedule import make_schedule
from zkfl.studies.sites import Site, make_sites
from zkfl.studies.study import Study
from zkfl.studies.verified_run import in_floats, uniform_secrets, verified_models
from zkfl.zk_circuits.spec import CircuitSpec

VERIFIED, UNNOISED, PLAIN, POOLED = "verified", "verified, no noise", "plain FedAvg", "pooled"
NOISE_BOUND = int(Consortium.model_fields["noise_bound"].default)
"""What a consortium has unless it says otherwise."""
Row = dict[str, object]
Models = NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """A seed's sites, schedule and test records."""

    spec: CircuitSpec
    sites: tuple[Site, ...]
    schedule: list[list[Selection]]
    test: ShardRecords
    seed: int

    def verified(self, noise_bound: int) -> Models:
        """Return the models of verified rounds, float64 ``(rounds + 1, P)``."""
        vectors = [site.vectors for site in self.sites]
        secrets = uniform_secrets(self.spec, noise_bound, self.seed)
        models = verified_models(self.spec, vectors, self.schedule, secrets, noise_bound)
        return in_floats(models, self.spec)

    def plain(self) -> Models:
        """Return the models of plain FedAvg: no rounding, no noise, the same schedule."""
        return plain_fedavg([site.shards for site in self.sites], self.schedule, self._step)

    def pooled(self) -> Models:
        """Return the models of full-batch steps over everyone's records."""
        return pooled([site.shards for site in self.sites], len(self.schedule), self._step)

    def alone(self, place: int) -> Models:
        """Return the models of one site that trains on its own shards only."""
        own = [choices[place].shard for choices in self.schedule]
        return alone(self.sites[place].shards, own, self._step)

    def scored(self, model: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability that a model gives to each test record."""
        return probabilities(model, self.test.features, self.spec.model)

    @property
    def _step(self) -> TrainingStep:
        return TrainingStep.of(self.spec)


def make_setting(federation: Federation, spec: CircuitSpec, rounds: int, seed: int) -> Setting:
    """Return a seed's setting: the seed decides shards, their order and noise."""
    sites = make_sites(federation, spec, seed)
    schedule = make_schedule(sites, rounds, seed)
    test = ShardRecords(federation.test_features, federation.test_labels)
    return Setting(spec, sites, schedule, test, seed)


def compare_seed(study: Study, seed: int, data_dir: Path | None = None) -> Row:
    """Train every way for one seed and score the final models on its held-out records.

    Raises
    ------
    DatasetError
        The data is absent or altered.
    """
    setting = make_setting(study.federation(seed, data_dir), study.spec, study.rounds, seed)
    models = {
        VERIFIED: setting.verified(NOISE_BOUND)[-1],
        UNNOISED: setting.verified(0)[-1],
        PLAIN: setting.plain()[-1],
        POOLED: setting.pooled()[-1],
    }
    models |= {alone_name(s): setting.alone(p)[-1] for p, s in enumerate(setting.sites)}
    scores = {way: setting.scored(model) for way, model in models.items()}
    labels = setting.test.labels
    return {
        "seed": seed,
        "sites": [_described(site) for site in setting.sites],
        "test": {"records": len(labels), "positives": int(labels.sum())},
        "ways": {way: _scored(labels, found) for way, found in scores.items()},
        "verified_less_plain": auc_difference(labels, scores[VERIFIED], scores[PLAIN]).to_dict(),
        "rounding_alone": auc_difference(labels, scores[UNNOISED], scores[PLAIN]).to_dict(),
    }


def alone_name(site: Site) -> str:
    """Return what the way of a site that trains alone is called."""
    return f"{site.name} alone"


def _described(site: Site) -> Row:
    positives = sum(int(shard.labels.sum()) for shard in site.shards)
    return {
        "name": site.name,
        "records": site.records,
        "positives": positives,
        "shards": len(site.shards),
    }


def _scored(labels: NDArray[np.int64], found: NDArray[np.float64]) -> Row:
    metrics = evaluate(labels, found).to_dict()
    return {**metrics, "auc_interval": auc_interval(labels, found).to_dict()}
