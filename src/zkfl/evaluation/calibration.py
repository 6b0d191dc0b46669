"""Whether probabilities mean what they say: the Brier score and the reliability of bins."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.errors import EvaluationError

BINS = 10
"""Of equal width, from 0 to 1."""


class ReliabilityBin(NamedTuple):
    """Records whose probabilities lie in ``[low, high)``; the last bin holds 1 as well.

    Attributes
    ----------
    low, high
        Edges.
    records
        How many.
    stated
        Mean probability.
    observed
        Share of positives.
    """

    low: float
    high: float
    records: int
    stated: float
    observed: float


@dataclass(frozen=True)
class Calibration:
    """How probabilities and outcomes agree.

    Attributes
    ----------
    brier
        Mean squared difference of probability and label; 0 is best, 0.25 is a coin's.
    expected_error
        Expected calibration error: the bins' differences of stated and observed, weighted by their
        records (https://doi.org/10.1609/aaai.v29i1.9602).
    bins
        Those that hold a record.
    """

    brier: float
    expected_error: float
    bins: tuple[ReliabilityBin, ...]


def calibration_of(
    labels: NDArray[np.int64], probabilities: NDArray[np.float64], bins: int = BINS
) -> Calibration:
    """Compare probabilities ``(T,)`` with labels ``(T,)`` of 0 and 1.

    Raises
    ------
    EvaluationError
        Shapes differ, there is no record, or a probability is not in ``[0, 1]``.
    """
    if labels.ndim != 1 or labels.shape != probabilities.shape or len(labels) == 0:
        raise EvaluationError(
            f"labels {labels.shape} and probabilities {probabilities.shape} must be (T,), T > 0"
        )
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise EvaluationError(
            "a probability is not in [0, 1]: pass the sigmoid of the model's scores"
        )
    places = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    filled = tuple(
        _bin(
            place / bins,
            (place + 1) / bins,
            labels[places == place],
            probabilities[places == place],
        )
        for place in map(int, np.unique(places))
    )
    gaps = (entry.records * abs(entry.stated - entry.observed) for entry in filled)
    brier = float(np.mean((probabilities - labels) ** 2))
    return Calibration(brier, sum(gaps) / len(labels), filled)


def _bin(
    low: float, high: float, labels: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> ReliabilityBin:
    stated, observed = float(probabilities.mean()), float(labels.mean())
    return ReliabilityBin(low, high, len(labels), stated, observed)
