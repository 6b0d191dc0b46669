"""The logistic model in floating point: what the training circuit computes, unproven."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.errors import EvaluationError


@dataclass(frozen=True)
class TrainingStep:
    """The public constants of one training step.

    Attributes
    ----------
    learning_rate : float
        ``lr``.
    l2 : float
        ``lambda``, of the weights and not of the bias.
    slots : int
        ``B``, by which a proof divides the summed gradient.
    """

    learning_rate: float
    l2: float
    slots: int


def probabilities(model: NDArray[np.float64], features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``sigmoid(X w + b)``, float64 ``(N,)``; the model is ``[w | b]``, ``(F + 1,)``.

    Raises
    ------
    EvaluationError
        The model does not fit the features.
    """
    if features.ndim != 2 or model.shape != (features.shape[1] + 1,):  # noqa: PLR2004 - a matrix
        raise EvaluationError(
            f"a model of shape {model.shape} does not fit features {features.shape}: it must "
            "hold one weight a feature and the bias"
        )
    scores: NDArray[np.float64] = features @ model[:-1] + model[-1]
    # sigmoid(z) = (1 + tanh(z / 2)) / 2, which cannot overflow
    return 0.5 * (1.0 + np.tanh(0.5 * scores))


def local_update(
    model: NDArray[np.float64],
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    step: TrainingStep,
) -> NDArray[np.float64]:
    """Return one hospital's delta, ``-lr/B * (sum of gradients + lambda * c * [w | 0])``.

    Parameters
    ----------
    model
        float64 ``(F + 1,)``.
    features, labels
        The ``c`` used slots of one shard, ``(c, F)`` and ``(c,)``.
    step
        Public constants.

    Returns
    -------
    numpy.ndarray
        float64 ``(F + 1,)``, before noise; docs/reference/protocol.md, "Shares and weights".

    Raises
    ------
    EvaluationError
        The model does not fit the features.
    """
    error = probabilities(model, features) - labels
    decay = step.l2 * len(labels) * np.append(model[:-1], 0.0)
    gradient = np.append(features.T @ error, error.sum()) + decay
    result: NDArray[np.float64] = -step.learning_rate / step.slots * gradient
    return result


def model_from_chain(parameters: list[int], scale_bits: int) -> NDArray[np.float64]:
    """Turn the model's signed integers at scale ``2^scale_bits`` into float64 ``(F + 1,)``."""
    return np.array([value / (1 << scale_bits) for value in parameters], dtype=np.float64)
