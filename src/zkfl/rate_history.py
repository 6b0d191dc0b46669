"""The rate of every round, recomputed from the agreed rule and what the chain shows.

A rate follows from the rounds that were final when its round opened, and from the metrics that
were proven until then. The proofs behind both are checked elsewhere; see `zkfl.stated_metrics`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zkfl.chain.events import ChainEvent
from zkfl.chain.model_metrics import counts_of
from zkfl.proof_verdicts import ProofAuditError
from zkfl.rate_schedule import RateRule, RateSchedule
from zkfl.zk_circuits.evaluation.counts import NO_COUNTS, ConfusionCounts

_FIRST_ATTEMPT = 1


class RateDiffersError(ProofAuditError):
    """A round has another rate than the agreed rule gives it."""


@dataclass(frozen=True)
class RoundRate:
    """One round's rate.

    Attributes
    ----------
    round_id
        The round, final or not.
    shown
        What the chain shows; 0 for none.
    follows
        What the agreed rule gives.
    """

    round_id: int
    shown: int
    follows: int

    @property
    def fault(self) -> RateDiffersError | None:
        """What is wrong, None if nothing is."""
        if self.shown == self.follows:
            return None
        return RateDiffersError(
            f"round {self.round_id} has the rate {self.shown or 'none'}, and {self.follows} "
            "follows from the schedule, the final rounds and the metrics proven before it: the "
            "endpoint leaves something out or makes something up; ask another one"
        )


def recompute_rates(
    schedule: RateSchedule,
    registry_events: Iterable[ChainEvent],
    metric_events: Iterable[ChainEvent] = (),
) -> list[RoundRate]:
    """Return the rate of every round that opened, in order.

    Parameters
    ----------
    schedule
        As agreed.
    registry_events, metric_events
        Of the registry and of its contract of metrics, each from the creation on.
    """
    replay = _Replay(schedule)
    events = [*registry_events, *metric_events]
    for event in sorted(events, key=lambda event: (event.block_number, event.log_index)):
        replay.take(event)
    return replay.rates


class _Replay:
    def __init__(self, schedule: RateSchedule) -> None:
        self._rule = RateRule(schedule)
        self._shown: dict[int, int] = {}
        self._proven: dict[int, ConfusionCounts] = {}
        self._last_final = 0
        self.rates: list[RoundRate] = []
        self._steps = {
            "RateFixed": self._fix,
            "RoundOpened": self._open,
            "RoundFinalized": self._finalize,
            "MetricsProven": self._prove,
        }

    def take(self, event: ChainEvent) -> None:
        if event.name in self._steps:
            self._steps[event.name](event)

    def _fix(self, event: ChainEvent) -> None:
        self._shown[int(event.values["roundId"])] = int(event.values["rate"])

    def _finalize(self, event: ChainEvent) -> None:
        self._last_final = int(event.values["roundId"])

    def _prove(self, event: ChainEvent) -> None:
        round_id = int(event.values["roundId"])
        self._proven[round_id] = self._counts(round_id).plus(counts_of(event.values["counts"]))

    def _open(self, event: ChainEvent) -> None:
        if int(event.values["attempt"]) != _FIRST_ATTEMPT:
            return
        round_id = int(event.values["roundId"])
        follows = self._rule.next_rate(self._last_final, self._counts)
        self.rates.append(RoundRate(round_id, self._shown.get(round_id, 0), follows))

    def _counts(self, round_id: int) -> ConfusionCounts:
        return self._proven.get(round_id, NO_COUNTS)


def rate_faults(rates: Sequence[RoundRate]) -> list[RateDiffersError]:
    """Return what does not follow, the first round first."""
    return [fault for rate in rates if (fault := rate.fault) is not None]
