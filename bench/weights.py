"""Shares of unlike hospitals under every rule, from steps on their real records.

``heart``'s four hospitals are real and unlike each other. A fifth, *rural*, holds few records of
the first one's kind, so that size and likeness come apart. Steps are the training circuit's own,
in integers; nothing is proven, since proofs show the same numbers.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zkfl.chain.protocol import rewarded, shares, weight
from zkfl.chain.states import WeightRule
from zkfl.datasets.catalogue import load_federation
from zkfl.field import to_field
from zkfl.fixed_point import IntArray
from zkfl.node.noise import bounded_noise
from zkfl.node.records.shards import make_shards
from zkfl.node.records.standardise import FeatureBounds, quantise
from zkfl.zk_circuits.benefit.reference import highest_level
from zkfl.zk_circuits.instances import HEART as SPEC
from zkfl.zk_circuits.integer_parts import coarse_model
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.spec import DITHER_BITS
from zkfl.zk_circuits.training_reference import local_delta

_RURAL = 12
"""Records of the small hospital: a fifth of a shard."""
_ROUNDS, _QUICK_ROUNDS = 12, 2
_CAP = 1 << 15
_KEY = b"zkfl.bench.weights"
_NOISE_BOUNDS = (1 << 23, 1 << 26)
"""The smallest that a consortium may choose, and the default."""


@dataclass(frozen=True)
class _Site:
    """A hospital's shards and its admitted records."""

    name: str
    shards: tuple[Shard, ...]
    records: int


@dataclass
class _Seen:
    """What a hospital's rounds showed, one entry a round."""

    cosines: list[float]
    levels: dict[int, list[int]]
    steps: list[float]
    shares: list[int]


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Return a row a hospital: shares under every rule, in percent, and benefit over rounds."""
    sites = _sites()
    records = [site.records for site in sites]
    seen = _run(sites, _QUICK_ROUNDS if quick else _ROUNDS)
    fixed = {
        rule.name.lower(): shares(rule, records, _CAP)
        for rule in WeightRule
        if rule is not WeightRule.BENEFIT
    }
    for place, site in enumerate(sites):
        mine = seen[place]
        yield {
            "hospital": site.name,
            "records": site.records,
            **{f"{name}_%": _percent(assigned[place]) for name, assigned in fixed.items()},
            "benefit_%": _percent(sum(mine.shares) / len(mine.shares)),
            "benefit_from_%": _percent(min(mine.shares)),
            "benefit_to_%": _percent(max(mine.shares)),
            "step": sum(mine.steps) / len(mine.steps),
            "cosine": sum(mine.cosines) / len(mine.cosines),
            **{f"level_{_units(b)}": sum(v) / len(v) for b, v in mine.levels.items()},
        }


def _percent(share: float) -> float:
    return round(100 * share / (1 << 16), 1)


def _units(bound: int) -> str:
    return f"noise_{bound >> DITHER_BITS}"


def _sites() -> list[_Site]:
    bounds = FeatureBounds(SPEC.feature_bound, SPEC.norm_bound, SPEC.scale_bits)
    hospitals = load_federation("heart", bounds).hospitals
    first = hospitals[0]
    moved = np.arange(len(first.labels)) % (len(first.labels) // _RURAL) == 0
    moved &= np.cumsum(moved) <= _RURAL
    held = [(h.name, h.features, h.labels) for h in hospitals]
    held[0] = (first.name, first.features[~moved], first.labels[~moved])
    held.append(("rural", first.features[moved], first.labels[moved]))
    return [
        _Site(name, tuple(_shards(quantise(features, bounds), labels)), len(labels))
        for name, features, labels in held
    ]


def _shards(features: IntArray, labels: IntArray) -> Iterator[Shard]:
    for shard in make_shards(features, labels, SPEC.slots, _KEY):
        yield Shard(shard.features, shard.labels * SPEC.one, shard.mask * SPEC.one)


def _run(sites: Sequence[_Site], rounds: int) -> list[_Seen]:
    """Train under the rule ``BENEFIT`` at the default noise bound; shares follow levels."""
    model = [0] * SPEC.parameters
    seen = [_Seen([], {bound: [] for bound in _NOISE_BOUNDS}, [], []) for _ in sites]
    levels = [0] * len(sites)
    for number in range(rounds):
        counted = [rewarded(s.records, level) for s, level in zip(sites, levels, strict=True)]
        assigned = shares(WeightRule.BENEFIT, counted)
        chosen = [site.shards[number % len(site.shards)] for site in sites]
        start = coarse_model(model)
        deltas = [local_delta(SPEC, shard, start) for shard in chosen]
        weights = [
            weight(share, SPEC.slots, shard.count)
            for share, shard in zip(assigned, chosen, strict=True)
        ]
        for bound in _NOISE_BOUNDS:
            updates = [_noised(delta, bound) for delta in deltas]
            total = _weighted(updates, weights)
            for mine, update, w in zip(seen, updates, weights, strict=True):
                rest = [whole - w * own for whole, own in zip(total, update, strict=True)]
                mine.levels[bound].append(_level(update, rest, bound))
        plain = _weighted([(delta << DITHER_BITS).tolist() for delta in deltas], weights)
        for mine, delta, w, share in zip(seen, deltas, weights, assigned, strict=True):
            own = (delta << DITHER_BITS).tolist()
            mine.cosines.append(_cosine(own, [t - w * o for t, o in zip(plain, own, strict=True)]))
            mine.steps.append(float(np.linalg.norm(delta)) / SPEC.one)
            mine.shares.append(share)
        levels = [mine.levels[_NOISE_BOUNDS[-1]][-1] for mine in seen]
        model = [g + s for g, s in zip(model, total, strict=True)]
    return seen


def _noised(delta: IntArray, bound: int) -> list[int]:
    noise = bounded_noise(SPEC.parameters, bound)
    return [(int(d) << DITHER_BITS) + n for d, n in zip(delta, noise, strict=True)]


def _weighted(updates: Sequence[Sequence[int]], weights: Sequence[int]) -> list[int]:
    columns = zip(*updates, strict=True)
    return [sum(w * u for w, u in zip(weights, column, strict=True)) for column in columns]


def _level(update: Sequence[int], rest: Sequence[int], bound: int) -> int:
    tail = [0] * SPEC.update_blinders
    own, others = ([to_field(value) for value in vector] + tail for vector in (update, rest))
    return highest_level(SPEC, own, others, bound)


def _cosine(left: Sequence[int], right: Sequence[int]) -> float:
    inner = sum(a * b for a, b in zip(left, right, strict=True))
    return inner / math.sqrt(sum(a * a for a in left) * sum(b * b for b in right))
