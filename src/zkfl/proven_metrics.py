"""The metrics that a consortium's members proved, by round, as the chain shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
    committed_before
        Whether every one of them was admitted before the model's round: nobody could pick them for
        what the model does well.
    """

    member_id: int
    counts: ConfusionCounts
    shards: int
    admitted: int
    committed_before: bool


@dataclass(frozen=True)
class RoundMetrics:
    """What was proven of a round's model; hospitals in the order of their first proof."""

    round_id: int
    hospitals: tuple[HospitalMetrics, ...]

    @property
    def counts(self) -> ConfusionCounts:
        """Counts over all hospitals."""
        total = NO_COUNTS
        for hospital in self.hospitals:
            total = total.plus(hospital.counts)
        return total

    @property
    def shards(self) -> int:
        """Test shards over all hospitals."""
        return sum(hospital.shards for hospital in self.hospitals)


@dataclass
class _Tally:
    counts: ConfusionCounts = NO_COUNTS
    shards: int = 0
    committed_before: bool = True


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
        tally.counts = tally.counts.plus(counts_of(event.values["counts"]))
        tally.shards += 1
        admitted_in = self.admitted_in.get((member, int(event.values["shardIndex"])), round_id)
        tally.committed_before &= admitted_in < round_id

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
    return HospitalMetrics(member, tally.counts, tally.shards, shown, tally.committed_before)
