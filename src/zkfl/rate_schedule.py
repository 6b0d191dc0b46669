"""How a consortium's learning rate changes from round to round, as ``LearningRate.sol`` has it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zkfl.errors import ZkflError
from zkfl.json_problems import json_problems

if TYPE_CHECKING:
    from zkfl.zk_circuits.evaluation.counts import ConfusionCounts

_RULES = ("constant", "rounds", "plateau")
_METRICS = ("accuracy", "f1")
_WHOLE = 10_000
_LARGEST_RATE = 1 << 13
"""Rates have no more bits than the numbers that they multiply."""
_NO_METRIC = (0, 0)
_SHOWN_CHARACTERS = 80
CountsOf = Callable[[int], "ConfusionCounts"]
"""Returns what was proven of a final round's model until now."""


class RateScheduleError(ZkflError):
    """No such schedule of rates can be agreed on."""


class RateSchedule(BaseModel):
    """What a consortium agrees on about its rates.

    Attributes
    ----------
    rule
        ``constant`` never changes the rate; ``rounds`` halves it after so many final rounds;
        ``plateau`` after so many that were no better than the best before.
    start, floor
        The first rate and the smallest one, in units of the circuits.
    rounds
        Final rounds until the rate halves; 0 for ``constant``.
    metric
        What ``plateau`` compares.
    threshold
        By how much more than the best a metric must be to be better, in 1/10000.
    records
        Fewest proven records for which a round counts under ``plateau``; 0 for the others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Literal["constant", "rounds", "plateau"]
    start: int = Field(ge=1, le=_LARGEST_RATE)
    floor: int = Field(default=1, ge=1)
    rounds: int = Field(default=0, ge=0, lt=1 << 32)
    metric: Literal["accuracy", "f1"] = "accuracy"
    threshold: int = Field(default=0, ge=0, lt=_WHOLE)
    records: int = Field(default=0, ge=0, lt=1 << 64)

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        judges = self.rule == "plateau"
        if self.floor > self.start:
            raise ValueError(f"floor {self.floor} is above start {self.start}")
        if self.rule == "constant" and self.floor != self.start:
            raise ValueError(f"a constant rate has no floor {self.floor} but its start")
        if (self.rule == "constant") == (self.rounds > 0):
            raise ValueError(f"rounds {self.rounds}: at least 1, and 0 for a constant rate")
        if judges != (self.records > 0):
            raise ValueError(f"records {self.records}: at least 1 for plateau, and 0 for others")
        if not judges and (self.threshold or self.metric != "accuracy"):
            raise ValueError("only plateau has a metric and a threshold")
        return self

    @classmethod
    def parse(cls, text: str, full_rate: int) -> "RateSchedule":
        """Read ``rule:key=value,…``, for example ``rounds:rounds=5,floor=64``.

        Parameters
        ----------
        text
            A rule, then the fields that differ from their defaults.
        full_rate
            The rate to start with, where the text names none.

        Raises
        ------
        RateScheduleError
            The text says no schedule.
        """
        rule, _, rest = text.partition(":")
        pairs = [part.partition("=") for part in rest.split(",") if part]
        given = {key.strip(): value.strip() for key, _, value in pairs}
        if len(given) < len(pairs) or "rule" in given:
            raise RateScheduleError(f"{text[:_SHOWN_CHARACTERS]!r} names a field twice")
        fields: dict[str, str | int] = {"rule": rule.strip(), "start": full_rate, **given}
        if fields["rule"] == "constant":
            fields.setdefault("floor", fields["start"])
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise RateScheduleError(
                f"{text[:_SHOWN_CHARACTERS]!r} is no schedule of rates ({json_problems(error)}): "
                "write constant, rounds:rounds=5,floor=64 or plateau:rounds=3,records=100,metric=f1"
            ) from error

    def as_tuple(self) -> tuple[int, ...]:
        """Return the fields in the contract's order, for ABI encoding."""
        kinds = (_RULES.index(self.rule), _METRICS.index(self.metric))
        return (*kinds, self.start, self.floor, self.rounds, self.threshold, self.records)

    @classmethod
    def from_tuple(cls, values: tuple[int, ...]) -> "RateSchedule":
        """Read the fields in the contract's order.

        Raises
        ------
        RateScheduleError
            No contract of this kind was created with them.
        """
        rule, metric, start, floor, rounds, threshold, records = map(int, values)
        try:
            return cls(
                rule=_RULES[rule],
                metric=_METRICS[metric],
                start=start,
                floor=floor,
                rounds=rounds,
                threshold=threshold,
                records=records,
            )
        except (IndexError, ValidationError) as error:
            raise RateScheduleError(f"{values} is no schedule of rates") from error

    def require_fits(self, full_rate: int) -> None:
        """Refuse a rate above the one of a whole step.

        Raises
        ------
        RateScheduleError
            The circuits have no such rate.
        """
        if self.start > full_rate:
            raise RateScheduleError(
                f"start {self.start} is above {full_rate}, the circuits' rate of a whole step: "
                "choose circuits with a larger learning rate instead"
            )


class RateRule:
    """The contract's rule, step by step."""

    def __init__(self, schedule: RateSchedule) -> None:
        self._schedule = schedule
        self._rate = schedule.start
        self._waited = 0
        self._last_final = 0
        self._best = _NO_METRIC

    def next_rate(self, final_round: int, counts_of: CountsOf) -> int:
        """Return the rate of a round that opens now.

        Parameters
        ----------
        final_round
            The last final round; 0 before the first.
        counts_of
            Is asked about the final round before it alone, and under ``plateau`` alone.
        """
        before, self._last_final = self._last_final, final_round
        if final_round != before:
            if self._schedule.rule == "rounds":
                self._wait()
            elif self._schedule.rule == "plateau" and before:
                self._judge(counts_of(before))
        return self._rate

    def _judge(self, counts: "ConfusionCounts") -> None:
        metric = self._metric(counts)
        if not metric[1] or counts.records < self._schedule.records:
            return
        if self._is_better(metric):
            self._best, self._waited = metric, 0
        else:
            self._wait()

    def _wait(self) -> None:
        self._waited += 1
        if self._waited == self._schedule.rounds:
            self._waited, self._rate = 0, max(self._rate // 2, self._schedule.floor)

    def _metric(self, counts: "ConfusionCounts") -> tuple[int, int]:
        if self._schedule.metric == "accuracy":
            return counts.true_positives + counts.true_negatives, counts.records
        twice = 2 * counts.true_positives
        return twice, twice + counts.false_positives + counts.false_negatives

    def _is_better(self, metric: tuple[int, int]) -> bool:
        (mine, of), (best, of_best) = metric, self._best
        more = _WHOLE * (mine * of_best - best * of)
        return not of_best or more > self._schedule.threshold * of * of_best
