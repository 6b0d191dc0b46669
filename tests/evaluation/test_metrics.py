import re

import numpy as np
import pytest

from zkfl.evaluation.errors import EvaluationError
from zkfl.evaluation.metrics import evaluate


def test_metrics_of_a_small_case_by_hand() -> None:
    metrics = evaluate(np.array([1, 1, 1, 0, 0]), np.array([0.9, 0.5, 0.2, 0.6, 0.1]))
    assert (metrics.records, metrics.positives) == (5, 3)
    assert metrics.accuracy == pytest.approx(3 / 5)
    assert metrics.auc == pytest.approx(4 / 6)
    assert metrics.sensitivity == pytest.approx(2 / 3)
    assert metrics.specificity == pytest.approx(1 / 2)
    assert metrics.f1 == pytest.approx(2 / 3)


def test_a_site_of_one_class_has_no_auc() -> None:
    ill = evaluate(np.ones(4, np.int64), np.array([0.9, 0.4, 0.6, 0.7]))
    assert (ill.auc, ill.specificity, ill.sensitivity) == (None, None, 0.75)
    well = evaluate(np.zeros(4, np.int64), np.array([0.9, 0.4, 0.6, 0.7]))
    assert (well.auc, well.sensitivity, well.f1, well.specificity) == (None, None, None, 0.25)


def test_calling_nobody_ill_gives_an_f1_of_zero() -> None:
    assert evaluate(np.array([1, 0]), np.array([0.1, 0.2])).f1 == 0.0


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([], [], "must be (T,), T > 0"),
        ([1, 0], [0.5], "labels (2,) and probabilities (1,)"),
        ([2, 0], [0.5, 0.5], "labels must be 0 or 1, got [0 2]"),
        ([1, 0], [1.5, 0.5], "a probability is not in [0, 1]"),
        ([1, 0], [np.nan, 0.5], "a probability is not in [0, 1]"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    labels: list[int], probabilities: list[float], message: str
) -> None:
    with pytest.raises(EvaluationError, match=re.escape(message)):
        evaluate(np.array(labels, np.int64), np.array(probabilities))
