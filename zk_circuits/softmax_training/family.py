"""Softmax regression, as the rest of zkfl asks for it.

Its parameters in order: a row of C weights a feature, then a row of C biases.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zkfl.zk_circuits.model_choice import SoftmaxChoice
from zkfl.zk_circuits.model_family import FloatArray, ModelFamily
from zkfl.zk_circuits.softmax_training.module import SoftmaxStep, logits
from zkfl.zk_circuits.softmax_training.reference import integer_logits, integer_step
from zkfl.zk_circuits.softmax_training.scores import graph_scores, integer_scores, largest_score

_STATEMENT = (
    "The update is the noised gradient step of an L2-regularised softmax regression on "
    "{classes} classes on the committed shard and the committed model, within the clip and noise "
    "bounds."
)


def softmax_family(choice: SoftmaxChoice) -> ModelFamily:
    """Describe the family for so many classes."""
    classes = choice.classes
    return ModelFamily(
        kind="softmax-training",
        statement=_STATEMENT.format(classes=classes),
        settings=Path(__file__).parent / "settings",
        training_step=SoftmaxStep,
        logits=logits,
        integer_logits=integer_logits,
        integer_step=integer_step,
        graph_scores=graph_scores,
        integer_scores=integer_scores,
        largest_score=largest_score,
        decayed=lambda features: np.append(np.ones(features * classes), np.zeros(classes)),
        scores=lambda model, features: _scores(model, features, classes),
        gradient=_gradient,
        export_tensors=lambda features: {"weights": (features, classes), "bias": (classes,)},
        exported_probability=_exported_probability,
    )


def _scores(model: FloatArray, features: FloatArray, classes: int) -> FloatArray:
    rows = model.reshape(-1, classes)
    return np.asarray(features @ rows[:-1] + rows[-1], dtype=np.float64)


def _gradient(_model: FloatArray, features: FloatArray, residuals: FloatArray) -> FloatArray:
    return np.append((features.T @ residuals).ravel(), residuals.sum(axis=0))


def _exported_probability(features: Tensor, tensors: Mapping[str, Tensor]) -> Tensor:
    return torch.softmax(features @ tensors["weights"] + tensors["bias"], dim=1)
