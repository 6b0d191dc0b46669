"""The ReLU and its derivative, twice each so that nothing is halved: as a graph, in integers.

One decomposition into digits, that of the sign, gives both.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from zkfl.fixed_point import IntArray


class Rectified(NamedTuple):
    """What a ReLU makes of values ``u``.

    Attributes
    ----------
    doubled
        ``2*relu(u)``, at the scale of ``u``.
    active
        ``1 + sign(u)``, twice the derivative, scale 0; at zero the derivative is a half.
    """

    doubled: Tensor
    active: Tensor


class IntegerRectified(NamedTuple):
    """The same in integers."""

    doubled: IntArray
    active: IntArray


def rectified(values: Tensor) -> Rectified:
    """Return the ReLU and its derivative as part of a graph."""
    sign = torch.sign(values)
    return Rectified(values + values * sign, sign + 1.0)


def integer_rectified(values: IntArray) -> IntegerRectified:
    """Return what a witness of `rectified` holds."""
    return IntegerRectified(values + np.abs(values), 1 + np.sign(values))
