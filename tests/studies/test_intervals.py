"""Intervals against formulas written out over all pairs."""

import itertools
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from zkfl.studies.errors import StudyError
from zkfl.studies.intervals import auc_difference, auc_interval, mean_interval

LABELS = np.array([1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1], dtype=np.int64)
FIRST = np.array([0.9, 0.2, 0.6, 0.4, 0.4, 0.1, 0.8, 0.7, 0.3, 0.55, 0.5, 0.35])
SECOND = np.array([0.8, 0.3, 0.6, 0.2, 0.4, 0.2, 0.9, 0.6, 0.1, 0.3, 0.7, 0.5])


def by_pairs(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the covariance of two AUCs from each pair's placement, as DeLong states it."""
    placed = []
    for scores in (first, second):
        pairs = itertools.product(scores[LABELS == 1], scores[LABELS == 0])
        placed.append(np.array([0.5 * (p == n) + (p > n) for p, n in pairs]).reshape(6, 6))
    of_positives = np.cov(placed[0].mean(axis=1), placed[1].mean(axis=1))[0, 1]
    of_negatives = np.cov(placed[0].mean(axis=0), placed[1].mean(axis=0))[0, 1]
    return float(of_positives / 6 + of_negatives / 6)


def test_an_auc_and_its_interval_are_delongs() -> None:
    found = auc_interval(LABELS, FIRST)
    assert found.value == pytest.approx(roc_auc_score(LABELS, FIRST))
    half = 1.959964 * by_pairs(FIRST, FIRST) ** 0.5
    assert found.low == pytest.approx(found.value - half, abs=1e-6)
    assert found.high == pytest.approx(min(1.0, found.value + half), abs=1e-6)


def test_a_difference_counts_what_both_have_in_common() -> None:
    found = auc_difference(LABELS, FIRST, SECOND)
    both = by_pairs(FIRST, FIRST) + by_pairs(SECOND, SECOND) - 2 * by_pairs(FIRST, SECOND)
    assert found.value == pytest.approx(
        roc_auc_score(LABELS, FIRST) - roc_auc_score(LABELS, SECOND)
    )
    assert found.high - found.low == pytest.approx(2 * 1.959964 * both**0.5, abs=1e-6)


def test_equal_scores_do_not_differ() -> None:
    found = auc_difference(LABELS, FIRST, FIRST)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_a_mean_over_seeds_has_students_interval() -> None:
    found = mean_interval([1.0, 2.0, 3.0])
    assert (found.value, found.high) == (2.0, pytest.approx(2.0 + 4.302653 / 3**0.5))


def test_what_has_no_spread_is_refused() -> None:
    with pytest.raises(StudyError, match="needs two or more, got 1"):
        mean_interval([0.5])
    with pytest.raises(StudyError, match=re.escape("1 positive and 2 negative test records")):
        auc_interval(np.array([1, 0, 0]), np.array([0.3, 0.2, 0.1]))
