"""What confusion counts say of a model, with intervals that follow from the counts alone."""

from dataclasses import asdict, dataclass
from typing import NamedTuple

from scipy.stats import binomtest

from zkfl.zk_circuits.evaluation.counts import ConfusionCounts

CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A proportion, and the interval that covers the true one with 95 % confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Rates:
    """Rates of a binary classifier; None where no record speaks of one.

    Attributes
    ----------
    accuracy
        Share of right calls.
    sensitivity, specificity
        Share of positives found, and of negatives left alone.
    f1
        Harmonic mean of precision and sensitivity.
    """

    accuracy: Estimate | None
    sensitivity: Estimate | None
    specificity: Estimate | None
    f1: Estimate | None

    def to_dict(self) -> dict[str, dict[str, float] | None]:
        """Return the rates as JSON-ready values."""
        return {
            name: None if value is None else Estimate(*value)._asdict()
            for name, value in asdict(self).items()
        }


def rates_of(counts: ConfusionCounts) -> Rates:
    """Return the rates that counts show.

    Intervals are Wilson's (https://doi.org/10.1080/01621459.1927.10502953). F1 is no proportion,
    but follows from one, ``F1 = 2*J/(1+J)`` with ``J = TP/(TP+FP+FN)``, and rises with it: its
    interval is that of J, carried over.
    """
    right = counts.true_positives + counts.true_negatives
    positives = counts.true_positives + counts.false_negatives
    negatives = counts.true_negatives + counts.false_positives
    overlap = _wilson(counts.true_positives, positives + counts.false_positives)
    return Rates(
        accuracy=_wilson(right, counts.records),
        sensitivity=_wilson(counts.true_positives, positives),
        specificity=_wilson(counts.true_negatives, negatives),
        f1=None if overlap is None else Estimate(*(2 * j / (1 + j) for j in overlap)),
    )


def _wilson(hits: int, trials: int) -> Estimate | None:
    if trials == 0:
        return None
    found = binomtest(hits, trials).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return Estimate(hits / trials, float(found.low), float(found.high))
