"""Scores of the multi-layer perceptron: twice the logit, so that the ReLU is not halved."""

from collections.abc import Sequence

import torch
from torch import Tensor

from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.score_parts import (
    bias_factor,
    divided_parameters,
    doubled_relu,
    exact,
    integer_divided_parameters,
    integer_doubled_relu,
    largest_parameter,
    largest_record,
    two_layer_scale,
)
from zkfl.zk_circuits.spec import CircuitSpec

_DOUBLINGS = 1


def graph_scores(spec: CircuitSpec, hidden: int, records: Tensor, model: Tensor) -> Tensor:
    """Return scores, twice the logit at scale ``3s + 24``, shape (B,)."""
    parameters = divided_parameters(spec, model)
    first = parameters[: -hidden - 1].reshape(spec.features + 1, hidden)
    before = torch.matmul(records, first)
    after = torch.matmul(doubled_relu(before), parameters[-hidden - 1 : -1])
    return after + parameters[-1:] * float(bias_factor(spec, _DOUBLINGS))


def integer_scores(spec: CircuitSpec, hidden: int, shard: Shard, model: Sequence[int]) -> list[int]:
    """Return the same in integers."""
    parameters = integer_divided_parameters(spec, model)
    first = parameters[: -hidden - 1].reshape(spec.features + 1, hidden)
    after = integer_doubled_relu(exact(shard.records.tolist()) @ first)
    bias = parameters[-1] * bias_factor(spec, _DOUBLINGS)
    scores: list[int] = (after @ parameters[-hidden - 1 : -1] + bias).tolist()
    return scores


def largest_score(spec: CircuitSpec, hidden: int) -> float:
    """Bound a score's magnitude."""
    parameter = largest_parameter(spec)
    logit = (hidden * largest_record(spec) * parameter + 1.0) * parameter
    return logit * 2.0 ** logit_bits(spec)


def logit_bits(spec: CircuitSpec) -> int:
    """Return log2 of the score of a logit of 1."""
    return two_layer_scale(spec) + _DOUBLINGS
