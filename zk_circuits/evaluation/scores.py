"""What each family of models makes of a record, as an integer whose sign is the prediction.

Not a family's logits: those are rescaled, and a prover may move a rescaled number by a unit. Here
nothing is divided that need not be.
"""

from collections.abc import Sequence
from typing import assert_never

import numpy as np
import torch
from torch import Tensor

from zkfl.zk_circuits.initial_parameters import initial_parameters
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.model_choice import LogisticChoice, MlpChoice
from zkfl.zk_circuits.spec import MODEL_GUARD_BITS, CircuitSpec
from zkfl.zk_circuits.training_reference import coarse_model, whole_parameters
from zkfl.zk_circuits.training_step import coarse


def graph_scores(spec: CircuitSpec, records: Tensor, model: Tensor) -> Tensor:
    """Return scores, shape (B,), as part of a graph in which every number has scale 0.

    Parameters
    ----------
    spec
        Sizes and the choice of model.
    records
        ``[features | mask]`` at scale ``s``, shape (B, F+1).
    model
        Parameters at scale ``s + 39``, shape (P,).
    """
    match spec.model:
        case LogisticChoice():
            return torch.matmul(records, model)
        case MlpChoice(hidden=hidden):
            return _graph_of_layers(spec, hidden, records, model)
        case _:
            assert_never(spec.model)


def integer_scores(spec: CircuitSpec, shard: Shard, model: Sequence[int]) -> list[int]:
    """Return the same in integers, which do not fit int64; ``model`` is signed."""
    records = np.concatenate([shard.features, shard.mask[:, None]], axis=1).tolist()
    match spec.model:
        case LogisticChoice():
            return [_product(row, model) for row in records]
        case MlpChoice(hidden=hidden):
            return _integers_of_layers(spec, hidden, records, model)
        case _:
            assert_never(spec.model)


def _graph_of_layers(spec: CircuitSpec, hidden: int, records: Tensor, model: Tensor) -> Tensor:
    initial = initial_parameters(spec.model, spec.features) << spec.scale_bits
    # Rescaled once, by the only division here: products of whole parameters would not fit.
    parameters = coarse(model) + torch.tensor(initial.tolist(), dtype=torch.float32)
    first = parameters[: -hidden - 1].reshape(spec.features + 1, hidden)
    before = torch.matmul(records, first)
    # Twice the ReLU: an absolute value is 0 at 0 whichever sign a prover gives it.
    after = torch.matmul(before + before.abs(), parameters[-hidden - 1 : -1])
    return after + parameters[-1:] * float(2 ** _bias_shift(spec))


def _integers_of_layers(
    spec: CircuitSpec, hidden: int, records: Sequence[Sequence[int]], model: Sequence[int]
) -> list[int]:
    parameters = whole_parameters(spec, coarse_model(model)).tolist()
    cut = len(parameters) - hidden - 1
    columns = [parameters[unit:cut:hidden] for unit in range(hidden)]
    output, bias = parameters[cut:-1], parameters[-1] << _bias_shift(spec)
    before = ([_product(row, column) for column in columns] for row in records)
    return [_product([u + abs(u) for u in units], output) + bias for units in before]


def _bias_shift(spec: CircuitSpec) -> int:
    """Bits by which twice the output of hidden units is finer than the output's bias."""
    return 2 * spec.scale_bits + MODEL_GUARD_BITS + 1


def _product(left: Sequence[int], right: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(left, right, strict=True))
