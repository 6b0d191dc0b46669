"""The metrics that a consortium's members proved, by round, as the chain shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from zkfl.chain.events import ChainEvent
from zkfl.chain.model_metrics import ModelMetrics, counts_of
from zkfl.zk_circuits.evaluation.counts import NO_COUNTS, ConfusionCounts


@dataclass(frozen=True)
class HospitalMetrics:
    """What one hospital proved of one model.

    Attributes
    ----------
    member_id
        Its number in the registry.
    counts
        Over its shards that were proven.
    shards, admitted
        How many these are, and how many test shards it has admitted.
    early
        Counts over those that were admitted before the model's round: nobody could pick them for
        what the model does well.
    """

    member_id: int
    counts: ConfusionCounts
    shards: int
    admitted: int
    early: ConfusionCounts

    @property
    def committed_before(self) -> bool:
        """Whether every one of its shards was admitted before the model's round."""
        return self.early == self.counts


@dataclass(frozen=True)
class RoundMetrics:
    """What was proven of a round's model; hospitals in the order of their first proof."""

    round_id: int
    hospitals: tuple[HospitalMetrics, ...]

    @property
    def counts(self) -> ConfusionCounts:
        """Counts over all hospitals."""
        return _total(hospital.counts for hospital in self.hospitals)

    @property
    def early(self) -> ConfusionCounts:
        """Counts over the shards that were admitted before the model's round."""
        return _total(hospital.early for hospital in self.hospitals)

    @property
    def largest_share(self) -> float:
        """Share of the records that one hospital brings, of the one that brings most."""
        records = [hospital.counts.records for hospital in self.hospitals]
        return max(records, default=0) / max(1, sum(records))

    @property
    def shards(self) -> int:
        """Test shards over all hospitals."""
        return sum(hospital.shards for hospital in self.hospitals)


def _total(counts: Iterable[ConfusionCounts]) -> ConfusionCounts:
    return reduce(ConfusionCounts.plus, counts, NO_COUNTS)


@dataclass
class _Tally:
    counts: ConfusionCounts = NO_COUNTS
    shards: int = 0
    early: ConfusionCounts = NO_COUNTS


@dataclass
class _Reading:
    admitted_in: dict[tuple[int, int], int] = field(default_factory=dict)
    rounds: dict[int, dict[int, _Tally]] = field(default_factory=dict)

    def admit(self, event: ChainEvent) -> None:
        place = int(event.values["memberId"]), int(event.values["shardIndex"])
        self.admitted_in[place] = int(event.values["admittedIn"])

    def prove(self, event: ChainEvent) -> None:
        round_id, member = int(event.values["roundId"]), int(event.values["memberId"])
        tally = self.rounds.setdefault(round_id, {}).setdefault(member, _Tally())
        counts = counts_of(event.values["counts"])
        tally.counts = tally.counts.plus(counts)
        tally.shards += 1
        admitted_in = self.admitted_in.get((member, int(event.values["shardIndex"])), round_id)
        if admitted_in < round_id:
            tally.early = tally.early.plus(counts)

    def admitted(self) -> Mapping[int, int]:
        members = [member for member, _ in self.admitted_in]
        return {member: members.count(member) for member in members}


def read_metrics(metrics: ModelMetrics) -> list[RoundMetrics]:
    """Return what was proven of each round's model; raises `RpcError`."""
    return rounds_of(metrics.events())


def rounds_of(events: Iterable[ChainEvent]) -> list[RoundMetrics]:
    """Return what events say was proven of each round's model, the oldest round first.

    `zkfl verify-all` compares the events with the proofs behind them.
    """
    reading = _Reading()
    steps = {"TestShardAdmitted": reading.admit, "MetricsProven": reading.prove}
    for event in events:
        if event.name in steps:
            steps[event.name](event)
    admitted = reading.admitted()
    return [
        RoundMetrics(number, tuple(_hospital(m, t, admitted) for m, t in tallies.items()))
        for number, tallies in sorted(reading.rounds.items())
    ]


def _hospital(member: int, tally: _Tally, admitted: Mapping[int, int]) -> HospitalMetrics:
    shown = max(tally.shards, admitted.get(member, 0))
    return HospitalMetrics(member, tally.counts, tally.shards, shown, tally.early)
