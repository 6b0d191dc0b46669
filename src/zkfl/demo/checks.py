"""What must hold of a finished demo before it may call itself successful."""

import math

from zkfl.errors import ZkflError
from zkfl.evaluation.comparison import Comparison
from zkfl.evaluation.metrics import Metrics

LARGEST_AUC_GAP = 0.005
"""Between the verified model and plain FedAvg with the same schedule."""
LARGEST_SHARE_OF_CHANCE = 0.2
"""Of the AUC's own standard error: where few records are held out, one pair weighs much."""


class DemoCheckError(ZkflError):
    """The run finished, but its result is not what it should be."""


def check_result(comparison: Comparison) -> None:
    """Compare the verified model with plain FedAvg.

    Raises
    ------
    DemoCheckError
        Their AUCs differ by more than `largest_gap`, or one has none.
    """
    verified, plain = comparison.verified[-1].auc, comparison.fedavg[-1].auc
    if verified is None or plain is None:
        raise DemoCheckError("the held-out records are all of one class: no AUC can be computed")
    allowed = largest_gap(comparison.fedavg[-1], plain)
    if abs(verified - plain) > allowed:
        raise DemoCheckError(
            f"the verified model's AUC is {verified:.4f}, plain FedAvg's {plain:.4f}: more than "
            f"{allowed:.4f} apart, so fixed point costs too much at this scale"
        )


def largest_gap(metrics: Metrics, auc: float) -> float:
    """Return how far apart two AUCs on these held-out records may be.

    `LARGEST_AUC_GAP`, or where it is more, `LARGEST_SHARE_OF_CHANCE` of the standard error
    that so few records leave (Hanley and McNeil 1982,
    https://doi.org/10.1148/radiology.143.1.7063747).
    """
    m, n = metrics.positives, metrics.records - metrics.positives
    of_positives = (m - 1) * (auc / (2 - auc) - auc**2)
    of_negatives = (n - 1) * (2 * auc**2 / (1 + auc) - auc**2)
    error = math.sqrt((auc * (1 - auc) + of_positives + of_negatives) / (m * n))
    return max(LARGEST_AUC_GAP, LARGEST_SHARE_OF_CHANCE * error)
