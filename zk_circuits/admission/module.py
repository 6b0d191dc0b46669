"""The rules of form for a shard, as a graph whose every output must be zero.

EZKL never rescales here (the settings forbid it), so each zero is exact in the field: a
label of 1023/1024 is refused like one of 1/2.
"""

import math

import torch
from torch import Tensor

from zkfl.zk_circuits.assertions import not_above_zero
from zkfl.zk_circuits.spec import CircuitSpec


def zeros_length(spec: CircuitSpec) -> int:
    """Return the number of zeros: five a slot, the feature bound and the count."""
    return 5 * spec.slots + 2


def cosine_scale(spec: CircuitSpec) -> int:
    """Return the scale ``T`` at which ``round(2^T*cos(v/2^T)) == 2^T`` iff ``|v| <= bound``.

    ``2^T*(1 - cos(v/2^T))`` is ``v^2/2^(T+1)`` up to its next term, and rounds to 0 while
    it is below or at 1/2 (the next term keeps it below at equality): ``v^2 <= 2^T``.
    """
    return 2 * (spec.scale_bits + int(math.log2(spec.feature_bound)))


class AdmissionCheck(torch.nn.Module):
    """Data and public scalars in, zeros out."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, data: Tensor, public: Tensor) -> Tensor:
        """Return the zeros, shape (5B + 2,)."""
        spec = self.spec
        slots, width = spec.slots, spec.features + 1
        records = data[: slots * width].reshape(slots, width)
        labels = data[slots * width : slots * (width + 1)]
        features, mask = records[:, : spec.features], records[:, spec.features]
        unused = 1.0 - mask
        norms = torch.einsum("ij,ij->i", features, features)
        checks = [
            # Stops huge features, with which one record would steer the model. It also
            # keeps the squares below from wrapping around the field.
            self._outside(features),
            # Stops a record whose gradient is larger than the privacy analysis assumes.
            not_above_zero(norms - spec.norm_bound**2),
            # Stops a slot that is used half, or twice.
            mask * unused,
            # Stops a label that is no class and pulls harder than one.
            labels * (1.0 - labels),
            # Stops labels and features in slots that the count leaves out.
            labels * unused,
            norms * unused,
            # Stops a count that claims more records, and so more weight, than there are.
            (mask.sum() - public[0] * float(spec.one)).reshape(1),
        ]
        return torch.cat(checks)

    def _outside(self, features: Tensor) -> Tensor:
        """Return a tensor that is zero iff no feature leaves its range, shape (1,).

        A cosine is one cell of a lookup where a clamp takes thirty rows. All its
        deviations have one sign, so their sum vanishes only with each of them.
        """
        extra = cosine_scale(self.spec) - self.spec.scale_bits
        cosines = torch.cos(features / float(2**extra))
        return (cosines.sum() - float(self.spec.slots * self.spec.features)).reshape(1)
