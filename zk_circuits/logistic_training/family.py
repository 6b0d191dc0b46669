"""Logistic regression, as the rest of zkfl asks for it: a weight a feature, then the bias."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zkfl.zk_circuits.logistic_training.module import LogisticStep, logits
from zkfl.zk_circuits.logistic_training.reference import integer_logits, integer_step
from zkfl.zk_circuits.logistic_training.scores import (
    graph_scores,
    integer_scores,
    largest_score,
    logit_bits,
)
from zkfl.zk_circuits.model_family import FloatArray, ModelFamily

_STATEMENT = (
    "The update is the noised gradient step of an L2-regularised logistic regression on the "
    "committed shard and the committed model, within the clip and noise bounds."
)


def logistic_family() -> ModelFamily:
    """Describe the family."""
    return ModelFamily(
        kind="logistic-training",
        statement=_STATEMENT,
        settings=Path(__file__).parent / "settings",
        training_step=LogisticStep,
        logits=logits,
        integer_logits=integer_logits,
        integer_step=integer_step,
        graph_scores=graph_scores,
        integer_scores=integer_scores,
        largest_score=largest_score,
        decayed=lambda features: np.append(np.ones(features), 0.0),
        scores=_scores,
        gradient=_gradient,
        export_tensors=lambda features: {"weights": (features,), "bias": (1,)},
        exported_probability=_exported_probability,
        logit_bits=logit_bits,
    )


def _scores(model: FloatArray, features: FloatArray) -> FloatArray:
    return np.asarray(features @ model[:-1] + model[-1], dtype=np.float64)


def _gradient(_model: FloatArray, features: FloatArray, residuals: FloatArray) -> FloatArray:
    return np.append(features.T @ residuals, residuals.sum())


def _exported_probability(features: Tensor, tensors: Mapping[str, Tensor]) -> Tensor:
    return torch.sigmoid(features @ tensors["weights"] + tensors["bias"])
