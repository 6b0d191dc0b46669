"""Scores of a logistic regression: the product with the model as it is committed."""

from collections.abc import Sequence

import torch
from torch import Tensor

from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.score_parts import exact, largest_parameter, largest_record
from zkfl.zk_circuits.spec import CircuitSpec


def graph_scores(_spec: CircuitSpec, records: Tensor, model: Tensor) -> Tensor:
    """Return scores at scale ``2s + 39``, shape (B,)."""
    return torch.matmul(records, model)


def integer_scores(_spec: CircuitSpec, shard: Shard, model: Sequence[int]) -> list[int]:
    """Return the same in integers."""
    scores: list[int] = (exact(shard.records.tolist()) @ exact(model)).tolist()
    return scores


def largest_score(spec: CircuitSpec) -> float:
    """Bound a score's magnitude."""
    return largest_record(spec) * largest_parameter(spec) * 2.0 ** logit_bits(spec)


def logit_bits(spec: CircuitSpec) -> int:
    """Return log2 of the score of a logit of 1."""
    return spec.scale_bits + spec.model_scale_bits
