"""A consortium's model in floating point: what the training circuit computes, unproven."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.errors import EvaluationError
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.initial_parameters import initial_parameters
from zkfl.zk_circuits.model_choice import INITIAL_BITS, LOGISTIC, ModelChoice
from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class TrainingStep:
    """The public constants of one training proof.

    Attributes
    ----------
    learning_rate : float
        ``lr``.
    l2 : float
        ``lambda``, of the weights and not of the biases.
    slots : int
        ``B``, by which a proof divides the summed gradient.
    model : ModelChoice
        Which model.
    local_steps : int
        Gradient steps in one proof.
    class_weights : tuple[float, float]
        Factors on the loss of a record of label 0 and of label 1.
    proximal : float
        FedProx' ``mu``.
    momentum : float
        Of the local steps.
    rates : tuple[float, ...]
        What multiplies the learning rate, by round, the last one in all further rounds; none for
        the whole learning rate in all.
    """

    learning_rate: float
    l2: float
    slots: int
    model: ModelChoice = LOGISTIC
    local_steps: int = 1
    class_weights: tuple[float, float] = (1.0, 1.0)
    proximal: float = 0.0
    momentum: float = 0.0
    rates: tuple[float, ...] = ()

    def in_round(self, number: int) -> Self:
        """Return the constants of a round, counted from 1."""
        if not self.rates:
            return self
        rate = self.rates[min(number, len(self.rates)) - 1]
        return replace(self, learning_rate=rate * self.learning_rate, rates=())

    @classmethod
    def of(cls, spec: CircuitSpec) -> Self:
        """Return the constants of a specification."""
        return cls(
            spec.learning_rate,
            spec.l2,
            spec.slots,
            spec.model,
            spec.local_steps,
            spec.class_weights,
            spec.proximal,
            spec.momentum,
        )


def first_model(choice: ModelChoice, features: int) -> NDArray[np.float64]:
    """Return the parameters at which training begins, float64 ``(P,)``."""
    return initial_parameters(choice, features) / float(1 << INITIAL_BITS)


def model_from_chain(parameters: list[int], spec: CircuitSpec) -> NDArray[np.float64]:
    """Return the whole model of the chain's vector, float64 ``(P,)``.

    Parameters
    ----------
    parameters
        ``P`` signed integers at scale ``s + 39``: the change from the first model.
    spec
        Of the consortium.
    """
    change = [value / (1 << spec.model_scale_bits) for value in parameters]
    return first_model(spec.model, spec.features) + np.array(change, dtype=np.float64)


def probabilities(
    model: NDArray[np.float64], features: NDArray[np.float64], choice: ModelChoice
) -> NDArray[np.float64]:
    """Return the probability of label 1, float64 ``(N,)``; the model is ``(P,)``.

    Of several classes it is that of the class of interest.

    Raises
    ------
    EvaluationError
        The model does not fit the features.
    """
    return class_probabilities(model, features, choice)[:, choice.positive_class]


def positives(labels: NDArray[np.int64], choice: ModelChoice) -> NDArray[np.int64]:
    """Return 1 for label 1, or for the class of interest of several, else 0, int64 ``(N,)``."""
    return np.asarray(labels == choice.positive_class, dtype=np.int64)


def class_probabilities(
    model: NDArray[np.float64], features: NDArray[np.float64], choice: ModelChoice
) -> NDArray[np.float64]:
    """Return the probability of each class, float64 ``(N, C)``; the model is ``(P,)``.

    Raises
    ------
    EvaluationError
        The model does not fit the features.
    """
    _require_fit(model, features, choice)
    found = _probabilities(choice, family_of(choice).scores(model, features))
    if choice.label_columns == 1:
        return np.stack([1.0 - found, found], axis=1)
    return found


def local_update(
    model: NDArray[np.float64],
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    step: TrainingStep,
) -> NDArray[np.float64]:
    """Return one hospital's delta: the sum of its local steps.

    The first is ``-lr/B * (sum of gradients + lambda * c * w)``, biases undecayed.

    Parameters
    ----------
    model
        float64 ``(P,)``.
    features, labels
        The ``c`` used slots of one shard, ``(c, F)`` and ``(c,)``.
    step
        Public constants.

    Returns
    -------
    numpy.ndarray
        float64 ``(P,)``, before noise; docs/reference/protocol.md, "Shares and weights".

    Raises
    ------
    EvaluationError
        The model does not fit the features.
    """
    _require_fit(model, features, step.model)
    delta = velocity = np.zeros_like(model)
    for _ in range(step.local_steps):
        gradient = _gradient(model + delta, features, labels, step)
        gradient = gradient + step.proximal * len(labels) * delta
        velocity = step.momentum * velocity - step.learning_rate / step.slots * gradient
        delta = delta + velocity
    return delta


def _gradient(
    model: NDArray[np.float64],
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    step: TrainingStep,
) -> NDArray[np.float64]:
    family = family_of(step.model)
    residuals = _residuals(step, family.scores(model, features), labels)
    decay = step.l2 * len(labels) * model * family.decayed(features.shape[1])
    return family.gradient(model, features, residuals) + decay


def _residuals(
    step: TrainingStep, scores: NDArray[np.float64], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the derivatives of the loss by the logits."""
    found = _probabilities(step.model, scores)
    if step.model.label_columns > 1:
        return np.asarray(found - np.eye(step.model.label_columns)[labels], dtype=np.float64)
    weights = np.where(labels == 1, step.class_weights[1], step.class_weights[0])
    return np.asarray(weights * (found - labels), dtype=np.float64)


def _probabilities(choice: ModelChoice, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of label 1 by scores ``(N,)``, of each class by ``(N, C)``."""
    if choice.label_columns == 1:
        return _sigmoid(scores)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


def _sigmoid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``(1 + tanh(z / 2)) / 2``, which cannot overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scores)), dtype=np.float64)


def _require_fit(
    model: NDArray[np.float64], features: NDArray[np.float64], choice: ModelChoice
) -> None:
    matrix = features.ndim == 2  # noqa: PLR2004 - records and features
    if not matrix or model.shape != (choice.parameter_count(features.shape[1]),):
        raise EvaluationError(
            f"a model of shape {model.shape} does not fit features {features.shape}: see which "
            f"parameters a {choice.family} model has"
        )
