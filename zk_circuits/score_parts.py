"""What the scores of several families share; a score's sign is the prediction.

A score is a positive multiple of the logit, but not the logit of training: that is rescaled, and a
prover may move a rescaled number by a unit. In a score nothing is divided that need not be. Every
number of its graph has scale 0; its integers leave int64, so they are Python's.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from zkfl.zk_circuits.initial_parameters import initial_parameters
from zkfl.zk_circuits.integer_parts import coarse_model, whole_parameters
from zkfl.zk_circuits.model_choice import INITIAL_BITS
from zkfl.zk_circuits.spec import LARGEST_PARAMETER, MODEL_GUARD_BITS, CircuitSpec
from zkfl.zk_circuits.training_step import coarse

ExactArray = NDArray[Any]
"""Of Python's integers."""


def exact(values: ArrayLike) -> ExactArray:
    """Return an array that computes in Python's integers."""
    return np.asarray(values, dtype=np.object_)


def divided_parameters(spec: CircuitSpec, model: Tensor) -> Tensor:
    """Return whole parameters at scale ``s + 12``, shape (P,).

    Rescaled once, by a score's only division: products of undivided parameters would not fit.
    """
    initial = initial_parameters(spec.model, spec.features) << spec.scale_bits
    return coarse(model) + torch.tensor(initial.tolist(), dtype=torch.float32)


def integer_divided_parameters(spec: CircuitSpec, model: Sequence[int]) -> ExactArray:
    """Return what a witness of `divided_parameters` holds."""
    return exact(whole_parameters(spec, coarse_model(model)).tolist())


def doubled_relu(values: Tensor) -> Tensor:
    """Return twice the ReLU: an absolute value is 0 at 0 whichever sign a prover gives it."""
    return values + values.abs()


def integer_doubled_relu(values: ExactArray) -> ExactArray:
    """Return what a witness of `doubled_relu` holds."""
    return exact(values + np.abs(values))


def two_layer_scale(spec: CircuitSpec) -> int:
    """Return the fraction bits of a record times two layers' parameters, ``3s + 24``."""
    return 3 * spec.scale_bits + 2 * MODEL_GUARD_BITS


def bias_factor(spec: CircuitSpec, doublings: int) -> int:
    """Return what brings the output's bias to `two_layer_scale`, doubled so often."""
    return 1 << (two_layer_scale(spec) - spec.scale_bits - MODEL_GUARD_BITS + doublings)


def largest_parameter(spec: CircuitSpec) -> float:
    """Return how large a whole parameter is where training has proofs."""
    initial = int(np.abs(initial_parameters(spec.model, spec.features)).max())
    return LARGEST_PARAMETER + math.ldexp(initial, -INITIAL_BITS)


def largest_record(spec: CircuitSpec) -> float:
    """Bound the sum of an admitted record's magnitudes, the mask's 1 included."""
    return math.sqrt(spec.features) * spec.norm_bound + 1.0
