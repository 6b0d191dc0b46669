"""The cosine between a member's step and the sum of everybody else's updates, from below.

The update hides the step under noise that the member chose. Whatever noise within its bound
could have added is taken away, so that no choice of noise raises a level.

All numbers are integers of scale 0, so EZKL rescales nothing but the two divisions.
"""

import torch
from torch import Tensor

from zkfl.zk_circuits.assertions import not_above_zero
from zkfl.zk_circuits.spec import CircuitSpec

LARGEST_LEVEL = 16
"""Levels are sixteenths of a cosine."""
UPDATE_DROPPED_BITS = 13
"""What the circuit drops of an update; it keeps ten bits below the last one of a delta."""
REST_DROPPED_BITS = UPDATE_DROPPED_BITS + 16
"""What it drops of a weighted sum; a weight of one is ``2^16``."""
ROUNDING = 2
"""Units by which the rescales of an update and of the bound can hide noise together."""
ZEROS_LENGTH = 2


class BenefitBound(torch.nn.Module):
    """Update, rest, noise bound and public scalars in, zeros out."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, update: Tensor, rest: Tensor, bound: Tensor, public: Tensor) -> Tensor:
        """Return the zeros, shape (2,)."""
        own = _coarse(update[: self.spec.parameters], UPDATE_DROPPED_BITS)
        others = _coarse(rest[: self.spec.parameters], REST_DROPPED_BITS)
        noise = _coarse(bound, UPDATE_DROPPED_BITS) + float(ROUNDING)
        level = public[:1]
        # At most the step's own product, and at least its norm, whatever the noise was.
        inner = _product(own, others) - noise * others.abs().sum().reshape(1)
        longest = own.abs() + noise
        norms = _product(longest, longest) * _product(others, others)
        checks = [
            # Stops a level from a step that helps nobody: zero, or against the others.
            level - level * inner,
            # Stops a level above the cosine; the first check settles the sign that squares lose.
            level * level * norms - inner * inner * float(LARGEST_LEVEL**2),
        ]
        return not_above_zero(torch.cat(checks))


def _coarse(values: Tensor, bits: int) -> Tensor:
    """Return ``values / 2^bits``, rescaled here and nowhere else; see `training_step.coarse`."""
    return torch.neg(torch.neg(values / float(2**bits)))


def _product(left: Tensor, right: Tensor) -> Tensor:
    return torch.matmul(left.reshape(1, -1), right.reshape(-1, 1)).reshape(1)
