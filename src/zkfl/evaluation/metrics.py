"""Metrics of a binary classifier on a test set, defined for one-class sites too."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, roc_auc_score

from zkfl.evaluation.errors import EvaluationError

THRESHOLD = 0.5
"""Probability from which a record is called positive."""


@dataclass(frozen=True)
class Metrics:
    """Metrics at `THRESHOLD`; None where a class needed for one is absent.

    Attributes
    ----------
    records, positives : int
        Size of the test set and of its positive class.
    accuracy : float
        Share of right calls.
    auc : float or None
        Area under the ROC curve, which needs both classes.
    sensitivity : float or None
        Share of positives found.
    specificity : float or None
        Share of negatives left alone.
    f1 : float or None
        Harmonic mean of precision and sensitivity, which needs a positive.
    """

    records: int
    positives: int
    accuracy: float
    auc: float | None
    sensitivity: float | None
    specificity: float | None
    f1: float | None

    def to_dict(self) -> dict[str, int | float | None]:
        """Return the fields as JSON-ready values."""
        return asdict(self)


def evaluate(
    labels: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    called_positive: NDArray[np.bool_] | None = None,
) -> Metrics:
    """Score probabilities ``(T,)`` against labels ``(T,)`` of 0 and 1.

    Parameters
    ----------
    labels, probabilities
        Of each record.
    called_positive
        Which records the model calls positive; those from `THRESHOLD` on if None.

    Raises
    ------
    EvaluationError
        Shapes differ, there is no record, a label is neither 0 nor 1, or a probability
        is not in ``[0, 1]``.
    """
    _require_scorable(labels, probabilities)
    calls = probabilities >= THRESHOLD if called_positive is None else called_positive
    called = calls.astype(np.int64)
    positives = int(labels.sum())
    negatives = len(labels) - positives
    matrix = confusion_matrix(labels, called, labels=[0, 1])
    return Metrics(
        records=len(labels),
        positives=positives,
        accuracy=float(accuracy_score(labels, called)),
        auc=float(roc_auc_score(labels, probabilities)) if positives and negatives else None,
        sensitivity=float(matrix[1, 1] / positives) if positives else None,
        specificity=float(matrix[0, 0] / negatives) if negatives else None,
        f1=float(f1_score(labels, called, zero_division=0.0)) if positives else None,
    )


def _require_scorable(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> None:
    if labels.ndim != 1 or labels.shape != probabilities.shape or len(labels) == 0:
        raise EvaluationError(
            f"labels {labels.shape} and probabilities {probabilities.shape} must be (T,), T > 0"
        )
    if not np.isin(labels, (0, 1)).all():
        raise EvaluationError(f"labels must be 0 or 1, got {np.unique(labels)[:10]}")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise EvaluationError(
            "a probability is not in [0, 1]: pass the sigmoid of the model's scores"
        )
