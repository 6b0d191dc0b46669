"""The convolutional net, as the rest of zkfl asks for it.

Its parameters in order: the filters' weights, a row a tap; their biases; the output's weights,
a row a filter; the output's bias.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.convolutional_training import reference, scores
from zkfl.zk_circuits.convolutional_training.module import (
    ConvolutionalStep,
    decayed_parameters,
    logits,
)
from zkfl.zk_circuits.convolutional_training.patches import patch_places
from zkfl.zk_circuits.integer_parts import IntegerParameters, Rescale
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.model_choice import POOL, ConvolutionalChoice
from zkfl.zk_circuits.model_family import FloatArray, IntegerForward, ModelFamily
from zkfl.zk_circuits.spec import CircuitSpec

_STATEMENT = (
    "The update is the noised gradient step of a convolutional net with {filters} filters of "
    "3x3, ReLU and average pooling, on the committed shard of {side}x{side} images and the "
    "committed change from the initial parameters, within the clip and noise bounds."
)
_Reference = Callable[
    [CircuitSpec, ConvolutionalChoice, Shard, IntegerParameters, Rescale], IntArray
]


def convolutional_family(choice: ConvolutionalChoice) -> ModelFamily:
    """Describe the family for one size of images and so many filters."""
    return ModelFamily(
        kind="convolutional-training",
        statement=_STATEMENT.format(filters=choice.filters, side=choice.side),
        settings=Path(__file__).parent / "settings",
        training_step=lambda spec: ConvolutionalStep(spec, choice),
        logits=lambda spec, records, parameters: logits(spec, choice, records, parameters),
        integer_logits=_of(choice, reference.integer_logits),
        integer_step=_of(choice, reference.integer_step),
        graph_scores=lambda spec, records, model: scores.graph_scores(spec, choice, records, model),
        integer_scores=lambda spec, shard, model: scores.integer_scores(spec, choice, shard, model),
        largest_score=lambda spec: scores.largest_score(spec, choice),
        decayed=lambda _features: np.array(decayed_parameters(choice)),
        scores=lambda model, features: _Maps(choice, model, features).scores,
        gradient=lambda model, features, residuals: _Maps(choice, model, features).gradient(
            residuals
        ),
        export_tensors=lambda _features: {
            "filter_weights": (choice.taps - 1, choice.filters),
            "filter_bias": (choice.filters,),
            "weights": (choice.filters * choice.cells,),
            "bias": (1,),
        },
        exported_probability=partial(_exported_probability, choice),
        logit_bits=scores.logit_bits,
    )


def _of(choice: ConvolutionalChoice, computed: _Reference) -> IntegerForward:
    return lambda spec, shard, parameters, divide: computed(spec, choice, shard, parameters, divide)


class _Maps:
    """The model in float64 on some records."""

    def __init__(
        self, choice: ConvolutionalChoice, model: FloatArray, features: FloatArray
    ) -> None:
        dense = choice.taps * choice.filters
        self.output = model[dense:-1].reshape(choice.filters, choice.cells)
        records = np.append(features, np.ones((len(features), 1)), axis=1)
        self.patches = records[:, patch_places(choice.side)]
        self.before = self.patches @ model[:dense].reshape(choice.taps, choice.filters)
        self.pooled = np.einsum("bqpf->bfq", np.maximum(self.before, 0.0)) / POOL**2
        scores = np.einsum("bfq,fq->b", self.pooled, self.output) + model[-1]
        self.scores: FloatArray = np.asarray(scores, dtype=np.float64)

    def gradient(self, residuals: FloatArray) -> FloatArray:
        active = 0.5 * (1.0 + np.sign(self.before))
        passed = active * residuals[:, None, None, None] * self.output.T[None, :, None, :]
        filters = np.einsum("bqpt,bqpf->tf", self.patches, passed) / POOL**2
        output = np.einsum("bfq,b->fq", self.pooled, residuals)
        return np.concatenate([filters.ravel(), output.ravel(), [residuals.sum()]])


def _exported_probability(
    choice: ConvolutionalChoice, features: Tensor, tensors: Mapping[str, Tensor]
) -> Tensor:
    # Not a convolution: the tracer would fold its reshaped weights into a tensor of another name.
    pixels = patch_places(choice.side)[:, :, :-1]
    seen = torch.index_select(features, 1, torch.from_numpy(pixels.ravel()))
    patches = seen.reshape(-1, *pixels.shape)
    maps = torch.relu(patches @ tensors["filter_weights"] + tensors["filter_bias"])
    pooled = maps.mean(2).permute(0, 2, 1).flatten(1)
    return torch.sigmoid(pooled @ tensors["weights"] + tensors["bias"])
