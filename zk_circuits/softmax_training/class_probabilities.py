"""A probability for each class, without a division: ``exp(z - max - log(sum exp(z - max)))``.

Every step after the logits is a lookup, a sum or a comparison, so it has one value alone: a prover
who divided could choose a quotient. The largest logit is subtracted since exponentials in fixed
point keep their digits only near it; it is compared for, not told by the prover.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.spec import CircuitSpec

_BASE = float(np.float32(math.e))
"""EZKL keeps the base of its table of exponentials in 32 bits."""


def below_largest(spec: CircuitSpec, logits: Tensor) -> Tensor:
    """Return how far each class is below the likeliest, at most ``logit_bound``, as a graph.

    Parameters
    ----------
    spec
        Gives the bound.
    logits
        Shape (B, C), scale ``s``.

    Returns
    -------
    Tensor
        Zero and below, shape (B, C).
    """
    largest = logits[:, :1]
    for place in range(1, logits.shape[1]):
        # Stops a "largest" that is none: with a lower one a sum leaves its table, with a higher
        # one all exponentials round to nothing. Zero's sign is free in EZKL and times zero.
        largest = largest + torch.relu(logits[:, place : place + 1] - largest)
    # Stops an honest prover from leaving the table; a class so far below has no weight anyway.
    return torch.relu(logits - largest + spec.logit_bound) - spec.logit_bound


def class_probabilities(below: Tensor) -> Tensor:
    """Return probabilities as part of a graph, shape (B, C), from what `below_largest` gives."""
    return torch.exp(below - torch.log(torch.exp(below).sum(1, keepdim=True)))


class IntegerProbabilities(NamedTuple):
    """What a witness holds of some records.

    Attributes
    ----------
    below
        Of `below_largest`, int64, shape (B, C).
    probabilities
        Of `class_probabilities`, int64, shape (B, C).
    """

    below: IntArray
    probabilities: IntArray


def integer_probabilities(spec: CircuitSpec, logits: IntArray) -> IntegerProbabilities:
    """Return the same in integers from logits at scale ``s``, shape (B, C)."""
    below = logits - logits.max(axis=1, keepdims=True)
    below = np.maximum(below, -spec.logit_integer)
    total = exponentials(below, spec.scale_bits).sum(axis=1, keepdims=True)
    return IntegerProbabilities(
        below, exponentials(below - logarithms(total, spec.scale_bits), spec.scale_bits)
    )


def exponentials(values: IntArray, scale_bits: int) -> IntArray:
    """Return ``round(2^s * e^(v/2^s))``, the entries of EZKL's table."""
    one = 2.0**scale_bits
    return _rounded(one * np.power(_BASE, values / one))


def logarithms(values: IntArray, scale_bits: int) -> IntArray:
    """Return ``round(2^s * log(v/2^s))`` of values above 0, the entries of EZKL's table."""
    one = 2.0**scale_bits
    return _rounded(one * np.log(values / one))


def _rounded(values: NDArray[np.float64]) -> IntArray:
    """Round halves away from zero."""
    halved_up = np.floor(np.abs(values) + 0.5)
    return np.asarray(np.sign(values) * halved_up, dtype=np.int64)
