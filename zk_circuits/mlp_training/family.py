"""The multi-layer perceptron, as the rest of zkfl asks for it.

Its parameters in order: weights of the first layer, a row a feature; its biases; the output's
weights; the output's bias.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.integer_parts import IntegerParameters, Rescale
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.mlp_training import reference, scores
from zkfl.zk_circuits.mlp_training.module import MlpStep, decayed_parameters, logits
from zkfl.zk_circuits.model_choice import MlpChoice
from zkfl.zk_circuits.model_family import FloatArray, IntegerForward, ModelFamily
from zkfl.zk_circuits.spec import CircuitSpec

_STATEMENT = (
    "The update is the noised gradient step of a multi-layer perceptron with one hidden layer of "
    "{hidden} ReLUs on the committed shard and the committed change from the initial parameters, "
    "within the clip and noise bounds."
)
_Reference = Callable[[CircuitSpec, int, Shard, IntegerParameters, Rescale], IntArray]


def mlp_family(choice: MlpChoice) -> ModelFamily:
    """Describe the family for so many hidden units."""
    hidden = choice.hidden
    return ModelFamily(
        kind="mlp-training",
        statement=_STATEMENT.format(hidden=hidden),
        settings=Path(__file__).parent / "settings",
        training_step=lambda spec: MlpStep(spec, hidden),
        logits=lambda spec, records, parameters: logits(spec, hidden, records, parameters),
        integer_logits=_of(hidden, reference.integer_logits),
        integer_step=_of(hidden, reference.integer_step),
        graph_scores=lambda spec, records, model: scores.graph_scores(spec, hidden, records, model),
        integer_scores=lambda spec, shard, model: scores.integer_scores(spec, hidden, shard, model),
        largest_score=lambda spec: scores.largest_score(spec, hidden),
        decayed=lambda features: np.array(decayed_parameters(features, hidden)),
        scores=lambda model, features: _Layers(model, features, hidden).scores,
        gradient=lambda model, features, residuals: _Layers(model, features, hidden).gradient(
            residuals
        ),
        export_tensors=lambda features: {
            "hidden_weights": (features, hidden),
            "hidden_bias": (hidden,),
            "weights": (hidden,),
            "bias": (1,),
        },
        exported_probability=_exported_probability,
        logit_bits=scores.logit_bits,
    )


def _of(hidden: int, computed: _Reference) -> IntegerForward:
    return lambda spec, shard, parameters, divide: computed(spec, hidden, shard, parameters, divide)


class _Layers:
    """The model in float64 on some records."""

    def __init__(self, model: FloatArray, features: FloatArray, hidden: int) -> None:
        first = model[: -hidden - 1].reshape(features.shape[1] + 1, hidden)
        self.records = np.append(features, np.ones((len(features), 1)), axis=1)
        self.before = self.records @ first
        self.after = np.append(np.maximum(self.before, 0.0), np.ones((len(features), 1)), axis=1)
        self.output = model[-hidden - 1 :]
        self.scores: FloatArray = self.after @ self.output

    def gradient(self, residuals: FloatArray) -> FloatArray:
        active = 0.5 * (1.0 + np.sign(self.before))
        back = residuals[:, None] * self.output[:-1] * active
        return np.concatenate([(self.records.T @ back).ravel(), self.after.T @ residuals])


def _exported_probability(features: Tensor, tensors: Mapping[str, Tensor]) -> Tensor:
    after = torch.relu(features @ tensors["hidden_weights"] + tensors["hidden_bias"])
    return torch.sigmoid(after @ tensors["weights"] + tensors["bias"])
