"""What a contract of metrics states after one block, compared with the events that lead there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from zkfl.chain.events import ChainEvent
from zkfl.chain.model_metrics import HeldOutShard, ModelMetrics, ProvenMetrics
from zkfl.curve import G1Point
from zkfl.lineage import Reading
from zkfl.proven_metrics import RoundMetrics, rounds_of
from zkfl.zk_circuits.evaluation.counts import NO_COUNTS

_NONE = ProvenMetrics(NO_COUNTS, 0)
_ADVICE = "the endpoint leaves something out or makes something up; ask another one"


@dataclass(frozen=True)
class MetricsReading:
    """Statements and events of one block.

    Attributes
    ----------
    events
        From the contract's creation on.
    sums
        By round, up to the registry's latest final one.
    member_sums
        By round and member, where an event says that the member proved something.
    counts
        Admitted test shards by member.
    shards
        By member and index: those of them that an event shows.
    """

    events: Sequence[ChainEvent]
    sums: Mapping[int, ProvenMetrics]
    member_sums: Mapping[tuple[int, int], ProvenMetrics]
    counts: Mapping[int, int]
    shards: Mapping[tuple[int, int], HeldOutShard]

    @classmethod
    def take(cls, metrics: ModelMetrics, registry: Reading) -> Self:
        """Read a contract of metrics after the block that its registry was read at.

        At once after the registry: endpoints forget what was stated after earlier blocks.
        """
        pinned = metrics.at(registry.block)
        events = pinned.events()
        pairs = {
            (int(event.values["roundId"]), int(event.values["memberId"]))
            for event in events
            if event.name == "MetricsProven"
        }
        # a member that comes again keeps its number, so that there are no more of them than this
        joined = sum(event.name == "MemberAdded" for event in registry.events)
        counts = {member: pinned.test_shard_count(member) for member in range(1, joined + 1)}
        places = [
            (member, index) for member, index in _shards_of(events) if index < counts.get(member, 0)
        ]
        return cls(
            events,
            {number: pinned.metrics_of(number) for number in range(1, registry.final_round + 1)},
            {pair: pinned.member_metrics_of(*pair) for pair in pairs},
            counts,
            {place: pinned.test_shard_of(*place) for place in places},
        )

    def differences(self) -> Iterator[str]:
        """Say what the contract states otherwise than the events lead to."""
        rounds = rounds_of(self.events)
        yield from _other_sums(self.sums, rounds)
        yield from self._other_member_sums(rounds)
        yield from self._other_shards()

    def _other_member_sums(self, rounds: Sequence[RoundMetrics]) -> Iterator[str]:
        for entry in rounds:
            for part in entry.hospitals:
                follows = ProvenMetrics(part.counts, part.shards)
                shown = self.member_sums.get((entry.round_id, part.member_id), _NONE)
                if shown != follows:
                    where = f"round {entry.round_id}, member {part.member_id}"
                    yield f"{where}: {_sums(shown, follows)}"

    def _other_shards(self) -> Iterator[str]:
        follow = _shards_of(self.events)
        for member in sorted(self.counts.keys() | {member for member, _ in follow}):
            stated, found = self.counts.get(member, 0), sum(who == member for who, _ in follow)
            if stated != found:
                where = f"member {member} has {stated} test shards in the contract"
                yield f"{where}, and events show {found}: {_ADVICE}"
        for (member, index), shown in follow.items():
            known = self.shards.get((member, index))
            if known is not None and known != shown:
                where = f"test shard {index} of member {member}: the contract states"
                yield f"{where} {_shard(known)}, and events lead to {_shard(shown)}: {_ADVICE}"


def _other_sums(sums: Mapping[int, ProvenMetrics], rounds: Sequence[RoundMetrics]) -> Iterator[str]:
    follow = {entry.round_id: ProvenMetrics(entry.counts, entry.shards) for entry in rounds}
    for number in sorted(follow.keys() | sums.keys()):
        shown, follows = sums.get(number, _NONE), follow.get(number, _NONE)
        if shown != follows:
            yield f"round {number}: {_sums(shown, follows)}"


def _sums(shown: ProvenMetrics, follows: ProvenMetrics) -> str:
    return (
        f"the contract sums {shown.shards} test shards to {tuple(shown.counts)}, the proofs that "
        f"are shown are {follows.shards} and make {tuple(follows.counts)}: {_ADVICE}"
    )


def _shards_of(events: Sequence[ChainEvent]) -> dict[tuple[int, int], HeldOutShard]:
    """Return the test shards that events lead to; each proof opens its shard once more."""
    proven = [_place(event) for event in events if event.name == "MetricsProven"]
    return {
        (place := _place(event)): HeldOutShard(
            G1Point(*(int(event.values["commitment"][axis]) for axis in ("x", "y"))),
            int(event.values["count"]),
            1 + proven.count(place),
            int(event.values["admittedIn"]),
        )
        for event in events
        if event.name == "TestShardAdmitted"
    }


def _place(event: ChainEvent) -> tuple[int, int]:
    return int(event.values["memberId"]), int(event.values["shardIndex"])


def _shard(shard: HeldOutShard) -> str:
    return (
        f"{shard.count} records in {shard.commitment.x:064x}, admitted in round "
        f"{shard.admitted_in} and opened {shard.openings} times"
    )
