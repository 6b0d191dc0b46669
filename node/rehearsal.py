"""Rounds rehearsed in plain integers: the updates that would be proven, and nothing else.

No proof is made, no key is touched, nothing is written or sent; noise is drawn as in a round, and
thrown away with the rest.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zkfl.chain.protocol import rewarded, shares, weight
from zkfl.chain.states import WeightRule
from zkfl.evaluation.model_metrics import evaluate_model
from zkfl.evaluation.training import model_from_chain
from zkfl.node.noise import bounded_noise
from zkfl.node.records.shards import MIN_KEY_BYTES, make_shards
from zkfl.rate_schedule import RateRule, RateSchedule
from zkfl.zk_circuits.evaluation.counts import NO_COUNTS
from zkfl.zk_circuits.integer_parts import coarse_model
from zkfl.zk_circuits.layout import Shard, pack_data, unpack_data
from zkfl.zk_circuits.spec import DITHER_BITS, CircuitSpec
from zkfl.zk_circuits.training_reference import local_delta

Records = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Features at scale ``s``, ``(N, F)``, and labels, ``(N,)``."""


@dataclass(frozen=True)
class RehearsedUpdate:
    """What a hospital would have done in a round.

    Attributes
    ----------
    hospital
        Name.
    shard, records
        Which of its shards, and the used slots of it.
    share, weight
        In units of 2^-16.
    norm
        L2 norm of the update before noise, a real number; the circuit refuses more than the clip.
    accuracy
        Of the model after the round on all records of the hospital.
    """

    hospital: str
    shard: int
    records: int
    share: int
    weight: int
    norm: float
    accuracy: float


@dataclass(frozen=True)
class RehearsalRules:
    """What a consortium agreed on, as far as a rehearsal needs it."""

    weight_rule: WeightRule
    cap_share: int
    noise_bound: int
    rates: RateSchedule | None = None


def rehearse(
    spec: CircuitSpec,
    hospitals: Mapping[str, Records],
    parameters: list[int],
    rules: RehearsalRules,
    rounds: int,
) -> Iterator[list[RehearsedUpdate]]:
    """Yield rounds as the integer reference of the training circuit computes them.

    Each hospital trains on its shards in turn, which begin where they like; on chain, the seed
    decides.

    Parameters
    ----------
    spec
        Sizes and constants.
    hospitals
        Records by name; shares are computed among these.
    parameters
        The model to begin with: ``P`` signed integers at scale ``s + 39``.
    rules
        Of the consortium.
    rounds
        How many.

    Raises
    ------
    PreprocessingError
        Records make no shards.
    ProtocolError
        The rules give no shares.
    """
    shards = {name: _shards(spec, records) for name, records in hospitals.items()}
    split = dict(zip(hospitals, _split(hospitals, rules), strict=True))
    rule = None if rules.rates is None else RateRule(rules.rates)
    for number in range(rounds):
        # nothing is proven of a rehearsed model, so a plateau is never found
        rate = None if rule is None else rule.next_rate(number, lambda _: NO_COUNTS)
        chosen = {name: number % len(own) for name, own in shards.items()}
        steps = {
            name: _step(spec, shards[name][place], parameters, split[name], rate)
            for name, place in chosen.items()
        }
        parameters = _moved(parameters, list(steps.values()), rules.noise_bound)
        yield [
            RehearsedUpdate(
                hospital=name,
                shard=place,
                records=shards[name][place].count,
                share=split[name],
                weight=steps[name].weight,
                norm=float(np.linalg.norm(steps[name].delta)) / spec.one,
                accuracy=_accuracy(spec, hospitals[name], parameters),
            )
            for name, place in chosen.items()
        ]


@dataclass(frozen=True)
class _Step:
    delta: NDArray[np.int64]
    weight: int


def _shards(spec: CircuitSpec, records: Records) -> list[Shard]:
    # dealt by a key of this rehearsal alone: the hospital's own deal stays its secret
    key = secrets.token_bytes(MIN_KEY_BYTES)
    dealt = make_shards(*records, spec.slots, key, spec.model.class_count)
    blinders = [0] * spec.data_blinders
    return [
        unpack_data(
            spec,
            pack_data(spec, shard.features[: shard.used], shard.labels[: shard.used], blinders),
        )
        for shard in dealt
    ]


def _split(hospitals: Mapping[str, Records], rules: RehearsalRules) -> list[int]:
    counts = [len(labels) for _, labels in hospitals.values()]
    if rules.weight_rule is WeightRule.BENEFIT:
        counts = [rewarded(count, 0) for count in counts]
    return shares(rules.weight_rule, counts, rules.cap_share)


def _step(
    spec: CircuitSpec, shard: Shard, parameters: list[int], share: int, rate: int | None
) -> _Step:
    delta = local_delta(spec, shard, coarse_model(parameters), rate=rate)
    return _Step(delta, weight(share, spec.slots, shard.count))


def _moved(parameters: list[int], steps: list[_Step], noise_bound: int) -> list[int]:
    """Return ``G + sum w_i*u_i`` with ``u_i = 2^23*delta_i + noise``."""
    moved = list(parameters)
    for step in steps:
        noise = bounded_noise(len(moved), noise_bound)
        for place, change in enumerate(step.delta):
            moved[place] += step.weight * ((int(change) << DITHER_BITS) + noise[place])
    return moved


def _accuracy(spec: CircuitSpec, records: Records, parameters: list[int]) -> float:
    features, labels = records
    model = model_from_chain(parameters, spec)
    return evaluate_model(model, features / spec.one, labels, spec.model).accuracy
