"""FedAvg, FedProx and own heads on unlike sites, in the integers that circuits prove.

The sites are those of `zkfl.studies.heterogeneity`. A site's step of a round is what a training
proof with several local steps and FedProx' pull shows, noise included. A head of its own is made
by the same step at home, on the site's own shards: nothing of it leaves, so it needs no noise.
The same shards in the same order train in floating point beside it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.baselines import Selection, ShardRecords, plain_fedavg
from zkfl.evaluation.training import TrainingStep, local_update
from zkfl.studies.comparison import NOISE_BOUND, Row
from zkfl.studies.heterogeneity import (
    FEDAVG,
    OWN,
    deal_of,
    pool_of,
    score_sites,
)
from zkfl.studies.intervals import mean_interval
from zkfl.studies.schedule import make_schedule
from zkfl.studies.sites import Site, make_site
from zkfl.studies.skews import SkewedSite
from zkfl.studies.study import Study
from zkfl.studies.verified_run import in_floats, uniform_secrets, verified_models
from zkfl.zk_circuits.spec import CircuitSpec

PROVEN_LEVELS: Mapping[str, tuple[float, ...]] = {
    "label skew": (1.0, 0.1),
    "quantity skew": (0.1,),
    "feature shift": (1.0, 2.0),
}
"""The unlike ones of the float part's levels."""
LOCAL_STEPS = 4
"""Of one proof; its rows grow with them."""
PROXIMAL = (0.1, 0.5)
"""A circuit's ``mu`` is below 1."""
PULLED = {mu: f"FedProx, mu {mu:g}" for mu in PROXIMAL}
PROVEN_WAYS = (FEDAVG, *PULLED.values(), OWN)
OWN_ROUNDS = 12
"""Proof-sized steps of a site on its own shards after the last round."""
_WHOLE = 1 << 16
"""The share of a site that is alone."""
Model = NDArray[np.float64]


@dataclass(frozen=True)
class UnlikeSites:
    """One seed's sites at one level; ``present`` are those with records to train on."""

    sites: Sequence[SkewedSite]
    present: Sequence[Site]
    places: Sequence[int]
    rounds: int
    seed: int


def measure(study: Study, seeds: Sequence[int], data_dir: Path | None = None) -> Iterator[Row]:
    """Yield a row a skew, level and way: AUC in integers, in floats, and their difference.

    Parameters
    ----------
    study
        What is trained, a logistic regression: the step's size is bounded by its curvature.
    seeds
        Over which AUCs are averaged.
    data_dir
        A local copy of the data, where the data set needs one.

    Raises
    ------
    StudyError
        A step has no proof.
    """
    pools = {seed: pool_of(study, seed, data_dir) for seed in seeds}
    for skew, levels in PROVEN_LEVELS.items():
        for level in levels:
            found = [_one(study, pools[seed], skew, level, seed) for seed in seeds]
            for way in PROVEN_WAYS:
                yield {"skew": skew, "level": level, "way": way, **_over([f[way] for f in found])}


def spec_of(spec: CircuitSpec, proximal: float = 0.0) -> CircuitSpec:
    """Return circuits of several local steps, of a size that cannot diverge.

    The size is the power of two nearest to ``1/L``, L the largest curvature that rows within the
    bound and a bias can have: a step below ``2/L`` does not overshoot, and a power of two is
    exact at every scale.
    """
    curvature = (spec.norm_bound**2 + 1) / 4 + spec.l2 + proximal
    changes = {
        "local_steps": LOCAL_STEPS,
        "proximal": proximal,
        "learning_rate": 2.0 ** round(math.log2(1 / curvature)),
    }
    return CircuitSpec.model_validate(spec.model_dump() | changes)


def _over(found: Sequence[tuple[float, float]]) -> Row:
    figures = {
        "verified": [verified for verified, _ in found],
        "plain": [plain for _, plain in found],
        "difference": [verified - plain for verified, plain in found],
    }
    return {name: mean_interval(values).to_dict() for name, values in figures.items()}


def _one(
    study: Study, pool: tuple[ShardRecords, ShardRecords], skew: str, level: float, seed: int
) -> dict[str, tuple[float, float]]:
    """Return the AUCs of a seed by way, verified and plain."""
    unlike = _unlike(study, deal_of(study, skew, level, seed)(*pool), seed)
    spec = spec_of(study.spec)
    verified, plain = _verified(unlike, spec), _plain(unlike, spec)
    models = {
        FEDAVG: (_for_all(unlike, in_floats([verified], spec)[0]), _for_all(unlike, plain)),
        OWN: (_own_verified(unlike, spec, verified), _own_plain(unlike, spec, plain)),
    }
    for mu, way in PULLED.items():
        pulled = spec_of(study.spec, mu)
        average = in_floats([_verified(unlike, pulled)], pulled)[0]
        models[way] = (_for_all(unlike, average), _for_all(unlike, _plain(unlike, pulled)))
    return {way: (_auc(study, unlike, v), _auc(study, unlike, p)) for way, (v, p) in models.items()}


def _unlike(study: Study, sites: Sequence[SkewedSite], seed: int) -> UnlikeSites:
    places = [place for place, site in enumerate(sites) if len(site.train.labels)]
    present = [make_site(f"site-{p}", sites[p].train, study.spec, seed) for p in places]
    return UnlikeSites(sites, present, places, study.rounds, seed)


def _verified(unlike: UnlikeSites, spec: CircuitSpec) -> list[int]:
    """Return the last model of rounds in integers, noise included."""
    vectors = [site.vectors for site in unlike.present]
    schedule = make_schedule(unlike.present, unlike.rounds, unlike.seed)
    secrets = uniform_secrets(spec, NOISE_BOUND, unlike.seed)
    return verified_models(spec, vectors, schedule, secrets, NOISE_BOUND)[-1]


def _plain(unlike: UnlikeSites, spec: CircuitSpec) -> Model:
    schedule = make_schedule(unlike.present, unlike.rounds, unlike.seed)
    shards = [site.shards for site in unlike.present]
    return np.asarray(plain_fedavg(shards, schedule, TrainingStep.of(spec))[-1])


def _for_all(unlike: UnlikeSites, model: Model) -> list[Model]:
    return [model] * len(unlike.sites)


def _own_verified(unlike: UnlikeSites, spec: CircuitSpec, start: Sequence[int]) -> list[Model]:
    """Return every site's own model; a site without records keeps the common one."""
    models = _for_all(unlike, in_floats([list(start)], spec)[0])
    silent = uniform_secrets(spec, 0, unlike.seed)
    for place, site in zip(unlike.places, unlike.present, strict=True):
        turns = [[Selection(shard, _WHOLE)] for shard in _own_shards(site)]
        own = verified_models(spec, [site.vectors], turns, silent, 0, start)[-1]
        models[place] = in_floats([own], spec)[0]
    return models


def _own_plain(unlike: UnlikeSites, spec: CircuitSpec, start: Model) -> list[Model]:
    models = _for_all(unlike, start)
    step = TrainingStep.of(spec)
    for place, site in zip(unlike.places, unlike.present, strict=True):
        for shard in _own_shards(site):
            records = site.shards[shard]
            scale = spec.slots / len(records.labels)
            models[place] = models[place] + scale * local_update(
                models[place], records.features, records.labels, step
            )
    return models


def _own_shards(site: Site) -> list[int]:
    return [number % len(site.shards) for number in range(OWN_ROUNDS)]


def _auc(study: Study, unlike: UnlikeSites, models: Sequence[Model]) -> float:
    return score_sites(unlike.sites, models, study.spec.model)["auc"]
