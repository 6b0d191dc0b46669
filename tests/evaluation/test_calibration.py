"""Probabilities against outcomes, and groups of records."""

import numpy as np
import pytest

from zkfl.evaluation.calibration import calibration_of
from zkfl.evaluation.errors import EvaluationError
from zkfl.evaluation.groups import group_table
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts


def test_perfect_probabilities() -> None:
    found = calibration_of(np.array([0, 1, 1]), np.array([0.0, 1.0, 1.0]))
    assert (found.brier, found.expected_error) == (0, 0)
    assert [(b.low, b.high, b.records) for b in found.bins] == [(0, 0.1, 1), (0.9, 1, 2)]


def test_what_is_said_and_what_is_seen() -> None:
    labels = np.array([1, 0, 0, 0, 1, 1])
    stated = np.array([0.25, 0.25, 0.25, 0.25, 0.75, 0.95])
    found = calibration_of(labels, stated)
    assert found.brier == pytest.approx((0.75**2 + 3 * 0.25**2 + 0.25**2 + 0.05**2) / 6)
    assert [(b.records, b.stated, b.observed) for b in found.bins] == [
        (4, 0.25, 0.25),
        (1, 0.75, 1.0),
        (1, pytest.approx(0.95), 1.0),
    ]
    assert found.expected_error == pytest.approx((0.25 + 0.05) / 6)


@pytest.mark.parametrize(
    ("labels", "stated"), [([], []), ([1, 0], [0.5]), ([1], [1.1]), ([1], [float("nan")])]
)
def test_what_cannot_be_calibrated(labels: list[int], stated: list[float]) -> None:
    with pytest.raises(EvaluationError):
        calibration_of(np.array(labels, dtype=np.int64), np.array(stated, dtype=np.float64))


LABELS = np.array([1, 0] * 15)
TAKEN = np.array([True, False, False] * 10)


def test_groups_are_counted() -> None:
    values = ["a"] * 10 + ["b"] * 20
    table = group_table("sex", values, LABELS, TAKEN, 10)
    assert table.suppressed == 0
    assert {name: counts.records for name, counts in table.counts.items()} == {"a": 10, "b": 20}
    total = table.counts["a"].plus(table.counts["b"])
    assert total == ConfusionCounts(
        int(np.sum(TAKEN & (LABELS == 1))),
        int(np.sum(TAKEN & (LABELS == 0))),
        int(np.sum(~TAKEN & (LABELS == 1))),
        int(np.sum(~TAKEN & (LABELS == 0))),
    )


def test_small_groups_are_left_out() -> None:
    values = ["a"] * 4 + ["b"] * 4 + ["c"] * 22
    table = group_table("site", values, LABELS, TAKEN, 10)
    assert (list(table.counts), table.suppressed) == (["c"], 2)


def test_a_single_small_group_takes_the_next_one_along() -> None:
    """Else its figures were all records less those that are shown."""
    values = ["a"] * 4 + ["b"] * 11 + ["c"] * 15
    table = group_table("site", values, LABELS, TAKEN, 10)
    assert (list(table.counts), table.suppressed) == (["c"], 2)


def test_a_column_that_tells_patients_apart() -> None:
    values = [str(place) for place in range(33)]
    labels, taken = np.zeros(33, dtype=np.int64), np.zeros(33, dtype=bool)
    with pytest.raises(EvaluationError, match="'patient' has 33 values"):
        group_table("patient", values, labels, taken, 1)
