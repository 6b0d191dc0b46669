"""Scores of the convolutional net: eight times the logit.

The ReLU is not halved, and a pooled cell is the sum of its four positions, not their average.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from zkfl.zk_circuits.convolutional_training.patches import patch_places
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.model_choice import KERNEL, POOL, ConvolutionalChoice
from zkfl.zk_circuits.score_parts import (
    bias_factor,
    divided_parameters,
    doubled_relu,
    exact,
    integer_divided_parameters,
    integer_doubled_relu,
    largest_parameter,
    two_layer_scale,
)
from zkfl.zk_circuits.spec import CircuitSpec

_POOLED = POOL * POOL
_DOUBLINGS = 3
"""One of the ReLU, two of the pooled positions."""


def graph_scores(
    spec: CircuitSpec, choice: ConvolutionalChoice, records: Tensor, model: Tensor
) -> Tensor:
    """Return scores, eight times the logit at scale ``3s + 24``, shape (B,)."""
    slots, dense = records.shape[0], choice.taps * choice.filters
    parameters = divided_parameters(spec, model)
    places = torch.from_numpy(patch_places(choice.side).ravel())
    patches = torch.index_select(records, 1, places).reshape(-1, choice.taps)
    before = torch.matmul(patches, parameters[:dense].reshape(choice.taps, choice.filters))
    maps = doubled_relu(before).reshape(slots, choice.cells, _POOLED, choice.filters)
    pooled = maps.sum(2).permute(0, 2, 1).reshape(slots, choice.filters * choice.cells)
    bias = parameters[-1:] * float(bias_factor(spec, _DOUBLINGS))
    return torch.matmul(pooled, parameters[dense:-1]) + bias


def integer_scores(
    spec: CircuitSpec, choice: ConvolutionalChoice, shard: Shard, model: Sequence[int]
) -> list[int]:
    """Return the same in integers."""
    dense = choice.taps * choice.filters
    parameters = integer_divided_parameters(spec, model)
    patches = exact(shard.records[:, patch_places(choice.side)].tolist())
    maps = integer_doubled_relu(patches @ parameters[:dense].reshape(choice.taps, choice.filters))
    pooled = maps.sum(2).transpose(0, 2, 1).reshape(len(patches), -1)
    bias = parameters[-1] * bias_factor(spec, _DOUBLINGS)
    scores: list[int] = (pooled @ parameters[dense:-1] + bias).tolist()
    return scores


def largest_score(spec: CircuitSpec, choice: ConvolutionalChoice) -> float:
    """Bound a score's magnitude."""
    positions, parameter = choice.cells * _POOLED, largest_parameter(spec)
    # A pixel is in at most nine patches, so all patches together have three times its norm.
    patches = KERNEL**2 * math.sqrt(positions) * spec.norm_bound + positions
    doubled_maps = 2.0 * patches * parameter * choice.filters
    return (doubled_maps + 2.0**_DOUBLINGS) * parameter * 2.0 ** two_layer_scale(spec)


def logit_bits(spec: CircuitSpec) -> int:
    """Return log2 of the score of a logit of 1."""
    return two_layer_scale(spec) + _DOUBLINGS
