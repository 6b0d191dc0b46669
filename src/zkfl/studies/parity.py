"""What a study answers first: how much accuracy verified training costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zkfl.studies.intervals import Interval, mean_interval

AIM = 0.005
"""Half a point of AUC."""


@dataclass(frozen=True)
class Parity:
    """Differences of AUC to plain FedAvg over seeds.

    Attributes
    ----------
    mean
        Over seeds, with Student's interval.
    largest
        The largest difference of a seed, without its sign.
    first
        That of the first seed, with DeLong's interval over its test records.
    """

    mean: Interval
    largest: float
    first: Interval

    @property
    def within_aim(self) -> bool:
        """Tell whether the whole interval of the mean lies within `AIM`."""
        return self.mean.low >= -AIM and self.mean.high <= AIM


def parity(rows: Sequence[dict[str, Any]], key: str = "verified_less_plain") -> Parity:
    """Return the differences that the rows of a comparison hold under a key."""
    values = [row[key]["value"] for row in rows]
    return Parity(
        mean_interval(values), max(abs(value) for value in values), Interval(**rows[0][key])
    )
