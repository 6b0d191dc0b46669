"""Of several classes, metrics are of the class of interest against the rest."""

import numpy as np
import pytest

from zkfl.evaluation.errors import EvaluationError
from zkfl.evaluation.model_metrics import called_positive, evaluate_model
from zkfl.evaluation.training import class_probabilities
from zkfl.zk_circuits.model_choice import LOGISTIC, SoftmaxChoice

CHOICE = SoftmaxChoice(classes=3, of_interest=1)
BIASES = np.array([0.0, 0.1, -0.1])
MODEL = np.concatenate([np.zeros(3), BIASES])
"""One feature that says nothing: class 1 is likeliest at less than a half."""
FEATURES, LABELS = np.zeros((4, 1)), np.array([0, 1, 1, 2])


def test_the_likeliest_class_is_called_though_less_likely_than_not() -> None:
    assert class_probabilities(MODEL, FEATURES, CHOICE)[0, 1] < 0.5
    assert called_positive(MODEL, FEATURES, CHOICE).all()
    metrics = evaluate_model(MODEL, FEATURES, LABELS, CHOICE)
    assert (metrics.records, metrics.positives) == (4, 2)
    assert (metrics.sensitivity, metrics.specificity) == (1.0, 0.0)


def test_a_tie_goes_to_the_class_of_interest() -> None:
    assert called_positive(np.zeros(6), FEATURES, CHOICE).all()


def test_another_class_is_not_called() -> None:
    assert not called_positive(np.roll(MODEL, 1), FEATURES, CHOICE).any()


def test_two_classes_are_called_as_before() -> None:
    features = np.array([[-1.0], [0.0], [1.0]])
    assert called_positive(np.array([1.0, 0.0]), features, LOGISTIC).tolist() == [False, True, True]


def test_a_model_of_other_classes_is_refused() -> None:
    with pytest.raises(EvaluationError, match="does not fit features"):
        evaluate_model(MODEL[:4], FEATURES, LABELS, CHOICE)
