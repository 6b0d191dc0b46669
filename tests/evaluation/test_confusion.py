"""Rates and their intervals follow from confusion counts alone."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkfl.evaluation.confusion import rates_of
from zkfl.zk_circuits.evaluation.counts import NO_COUNTS, ConfusionCounts

Z = 1.959963984540054
"""Of 95 %."""


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Wilson 1927, written out."""
    share, square = hits / trials, Z * Z
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    spread = Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    spread /= 1 + square / trials
    return centre - spread, centre + spread


def test_rates_and_intervals() -> None:
    rates = rates_of(ConfusionCounts(40, 5, 10, 45))
    assert rates.accuracy is not None
    assert rates.accuracy.value == 0.85
    assert rates.accuracy[1:] == pytest.approx(wilson(85, 100))
    assert rates.sensitivity is not None
    assert (rates.sensitivity.value, rates.sensitivity[1:]) == (
        0.8,
        pytest.approx(wilson(40, 50)),
    )
    assert rates.specificity is not None
    assert rates.specificity.value == 0.9
    precision = 40 / 45
    assert rates.f1 is not None
    assert rates.f1.value == pytest.approx(2 * precision * 0.8 / (precision + 0.8))
    low, high = wilson(40, 55)
    assert rates.f1[1:] == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))


def test_no_records_have_no_rates() -> None:
    rates = rates_of(NO_COUNTS)
    assert rates.to_dict() == dict.fromkeys(("accuracy", "sensitivity", "specificity", "f1"))


def test_one_class_alone() -> None:
    rates = rates_of(ConfusionCounts(0, 1, 0, 9))
    assert rates.sensitivity is None
    assert rates.specificity == pytest.approx((0.9, *wilson(9, 10)))
    assert rates.f1 is not None
    assert rates.f1.value == 0


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4))
def test_intervals_hold_their_values(counts: list[int]) -> None:
    for entry in rates_of(ConfusionCounts(*counts)).to_dict().values():
        if entry is not None:
            assert -1e-12 <= entry["low"] <= entry["value"] + 1e-12
            assert entry["value"] - 1e-12 <= entry["high"] <= 1 + 1e-12
