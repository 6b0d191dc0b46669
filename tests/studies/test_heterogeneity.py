"""A measured level has a row a way, with figures over all seeds."""

import pytest

from zkfl.studies import heterogeneity
from zkfl.studies.heterogeneity import WAYS, measure
from zkfl.studies.study import STUDIES


def test_a_row_a_skew_level_and_way(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = {"label skew": (0.1,), "quantity skew": (0.3,), "feature shift": (1.0,)}
    monkeypatch.setattr(heterogeneity, "LEVELS", levels)
    rows = list(measure(STUDIES["wdbc"], range(2)))
    expected = [(skew, level[0], way) for skew, level in levels.items() for way in WAYS]
    assert [(row["skew"], row["level"], row["way"]) for row in rows] == expected
    for row in rows:
        for figure in ("auc", "accuracy"):
            interval = row[figure]
            assert isinstance(interval, dict)
            assert interval["low"] <= interval["value"] <= interval["high"]
            assert 0.8 < interval["value"] <= 1
