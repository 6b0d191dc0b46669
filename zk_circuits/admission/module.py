"""The rules of form for a shard, as a graph whose every output must be zero.

EZKL never rescales here (the settings forbid it), so each zero is exact in the field: a
label of 1023/1024 is refused like one of 1/2.
"""

import math

import torch
from torch import Tensor

from zkfl.zk_circuits.assertions import not_above_zero
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import label_part


def zeros_length(spec: CircuitSpec) -> int:
    """Return the number of zeros: four a slot, one a label's number, feature bound, count."""
    return (4 + spec.label_columns) * spec.slots + 2


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
        """Return the zeros, shape ((4 + label columns)B + 2,)."""
        spec = self.spec
        slots, width = spec.slots, spec.features + 1
        records = data[: slots * width].reshape(slots, width)
        labels = label_part(spec, data)
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
            _flat(labels * (1.0 - labels)),
            # Stops labels and features in slots that the count leaves out.
            self._misplaced(labels, mask, unused),
            norms * unused,
            # Stops a count that claims more records, and so more weight, than there are.
            (mask.sum() - public[0] * float(spec.one)).reshape(1),
        ]
        return torch.cat(checks)

    def _misplaced(self, labels: Tensor, mask: Tensor, unused: Tensor) -> Tensor:
        """Return what is zero iff the labels of unused slots are, shape (B,).

        Of several columns it is zero iff a used slot has exactly one class, too: that stops a
        record that pulls at several classes, or at none.
        """
        if self.spec.label_columns == 1:
            return labels * unused
        return labels.sum(1) - mask

    def _outside(self, features: Tensor) -> Tensor:
        """Return a tensor that is zero iff no feature leaves its range, shape (1,).

        A cosine is one cell of a lookup where a clamp takes thirty rows. All its
        deviations have one sign, so their sum vanishes only with each of them.
        """
        extra = cosine_scale(self.spec) - self.spec.scale_bits
        cosines = torch.cos(features / float(2**extra))
        return (cosines.sum() - float(self.spec.slots * self.spec.features)).reshape(1)


def _flat(values: Tensor) -> Tensor:
    """Return a vector; one stays untouched, or circuits of one label would change their graph."""
    return values if values.dim() == 1 else values.reshape(-1)
