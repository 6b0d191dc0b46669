"""The confusion counts of a model on a shard, as a graph whose output must be zero.

All numbers are integers of scale 0. A logistic model is taken as it is committed, so EZKL
rescales nothing, and a prover has no unit in the last place to choose for any record.
"""

import torch
from torch import Tensor

from zkfl.zk_circuits.evaluation.counts import COUNT_BITS
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import label_part

ZEROS_LENGTH = 1


class ConfusionCheck(torch.nn.Module):
    """Data, model and public scalars in, one zero out."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, data: Tensor, model: Tensor, public: Tensor) -> Tensor:
        """Return the zero, shape (1,)."""
        slots, width = self.spec.slots, self.spec.features + 1
        records = data[: slots * width].reshape(slots, width)
        positive = _positive(self.spec, label_part(self.spec, data))
        negative = records[:, self.spec.features] - positive
        scores = family_of(self.spec.model).graph_scores
        side = _side(scores(self.spec, records, model[: self.spec.parameters]))
        # An unused slot is neither positive nor negative, so it is in no count.
        taken, left = side + 1.0, 1.0 - side
        cells = (positive * taken, negative * taken, positive * left, negative * left)
        counted = sum(
            cell.sum() * float(2 ** (COUNT_BITS * place)) for place, cell in enumerate(cells)
        )
        # Stops counts that are not this model's on this shard, each of them: the contract takes
        # counts that sum to the shard's records, so none runs into the next one's bits. Labels
        # and mask are 2^s, and every cell is twice its count.
        return (counted - public[0] * float(2 * self.spec.one)).reshape(ZEROS_LENGTH)


def _positive(spec: CircuitSpec, labels: Tensor) -> Tensor:
    """Return ``2^s`` where a record is positive: of several classes, of the class of interest."""
    return labels if spec.label_columns == 1 else labels[:, spec.model.positive_class]


def _side(scores: Tensor) -> Tensor:
    """Return 1 where a score is 0 or above and -1 below.

    EZKL leaves the sign of zero to the prover; twice an integer and one is never zero.
    """
    return torch.sign(scores * 2.0 + 1.0)
