"""A model on records: of several classes, the class of interest against the rest."""

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.metrics import THRESHOLD, Metrics, evaluate
from zkfl.evaluation.training import class_probabilities, positives, probabilities
from zkfl.zk_circuits.model_choice import ModelChoice


def evaluate_model(
    model: NDArray[np.float64],
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    choice: ModelChoice,
) -> Metrics:
    """Score a model ``(P,)`` on features ``(N, F)`` and numbers of classes ``(N,)``.

    Raises
    ------
    EvaluationError
        The model does not fit the features, or there is no record.
    """
    stated = probabilities(model, features, choice)
    called = called_positive(model, features, choice)
    return evaluate(positives(labels, choice), stated, called)


def called_positive(
    model: NDArray[np.float64], features: NDArray[np.float64], choice: ModelChoice
) -> NDArray[np.bool_]:
    """Tell which records a model takes for positive, ``(N,)``, as the evaluation circuit does.

    Of several classes these are the records for which none is likelier than the class of interest.
    """
    stated = class_probabilities(model, features, choice)
    own = stated[:, choice.positive_class]
    if choice.label_columns == 1:
        return np.asarray(own >= THRESHOLD)
    return np.asarray(own >= stated.max(axis=1))
