"""Scores of a softmax regression: how far the class of interest is above all others.

Ties go to the class of interest: its score is then zero, and the evaluation circuit takes zero.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.score_parts import exact, largest_parameter, largest_record
from zkfl.zk_circuits.spec import CircuitSpec


def graph_scores(spec: CircuitSpec, records: Tensor, model: Tensor) -> Tensor:
    """Return scores at scale ``2s + 39``, shape (B,)."""
    logits = torch.matmul(records, model.reshape(spec.features + 1, spec.label_columns))
    own, *others = (logits[:, place] for place in _places(spec))
    highest = others[0]
    for other in others[1:]:
        # A maximum that EZKL would sort for; zero's free sign is times zero.
        highest = highest + torch.relu(other - highest)
    return own - highest


def integer_scores(spec: CircuitSpec, shard: Shard, model: Sequence[int]) -> list[int]:
    """Return the same in integers."""
    rows = exact(model).reshape(spec.features + 1, spec.label_columns)
    own, *others = (exact(shard.records.tolist()) @ rows)[:, _places(spec)].T
    scores: list[int] = (own - np.maximum.reduce(others)).tolist()
    return scores


def largest_score(spec: CircuitSpec) -> float:
    """Bound a score's magnitude: the difference of two logits."""
    scale = 2.0 ** (spec.scale_bits + spec.model_scale_bits)
    return 2.0 * largest_record(spec) * largest_parameter(spec) * scale


def _places(spec: CircuitSpec) -> list[int]:
    """Return the columns of the logits, that of the class of interest first."""
    own = spec.model.positive_class
    return [own, *(place for place in range(spec.label_columns) if place != own)]
