"""Intervals of AUCs and of their differences, over test records and over seeds.

DeLong, DeLong and Clarke-Pearson 1988, https://doi.org/10.2307/2531595, with the placements
taken from midranks (Sun and Xu 2014, https://doi.org/10.1109/LSP.2014.2337313).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata, t

from zkfl.studies.errors import StudyError

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A value and where it lies with `CONFIDENCE`."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Return the fields as JSON-ready values."""
        return asdict(self)


def auc_interval(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> Interval:
    """Return the AUC of scores ``(T,)`` with DeLong's interval, kept within [0, 1].

    Raises
    ------
    StudyError
        A class has fewer than two records.
    """
    aucs, covariance = _delong(labels, scores[None, :])
    whole = _normal(float(aucs[0]), float(covariance[0, 0]))
    return Interval(whole.value, max(0.0, whole.low), min(1.0, whole.high))


def auc_difference(
    labels: NDArray[np.int64], first: NDArray[np.float64], second: NDArray[np.float64]
) -> Interval:
    """Return how much more AUC the first scores have, on the same records.

    Raises
    ------
    StudyError
        A class has fewer than two records.
    """
    aucs, covariance = _delong(labels, np.stack([first, second]))
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return _normal(float(aucs[0] - aucs[1]), max(0.0, float(variance)))


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean over seeds with Student's interval.

    Raises
    ------
    StudyError
        There are fewer than two values.
    """
    if len(values) < 2:  # noqa: PLR2004 - one value has no spread
        raise StudyError(f"an interval over seeds needs two or more, got {len(values)}")
    mean, spread = float(np.mean(values)), float(np.std(values, ddof=1))
    half = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * spread / len(values) ** 0.5
    return Interval(mean, mean - half, mean + half)


def _normal(value: float, variance: float) -> Interval:
    half = float(norm.ppf((1 + CONFIDENCE) / 2)) * variance**0.5
    return Interval(value, value - half, value + half)


def _delong(
    labels: NDArray[np.int64], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return AUCs ``(K,)`` and their covariance ``(K, K)`` for scores ``(K, T)``."""
    positive, negative = scores[:, labels == 1], scores[:, labels == 0]
    m, n = positive.shape[1], negative.shape[1]
    if min(m, n) < 2:  # noqa: PLR2004 - a variance needs two
        raise StudyError(f"{m} positive and {n} negative test records: two of each are needed")
    together = rankdata(np.concatenate([positive, negative], axis=1), axis=1)
    of_positive = (together[:, :m] - rankdata(positive, axis=1)) / n
    of_negative = 1.0 - (together[:, m:] - rankdata(negative, axis=1)) / m
    covariance = np.atleast_2d(np.cov(of_positive)) / m + np.atleast_2d(np.cov(of_negative)) / n
    return of_positive.mean(axis=1), covariance
