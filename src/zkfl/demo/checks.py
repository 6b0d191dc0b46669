"""What must hold of a finished demo before it may call itself successful."""

from zkfl.errors import ZkflError
from zkfl.evaluation.comparison import Comparison

LARGEST_AUC_GAP = 0.005
"""Between the verified model and plain FedAvg with the same schedule."""


class DemoCheckError(ZkflError):
    """The run finished, but its result is not what it should be."""


def check_result(comparison: Comparison) -> None:
    """Compare the verified model with plain FedAvg.

    Raises
    ------
    DemoCheckError
        Their AUCs differ by more than `LARGEST_AUC_GAP`, or one has none.
    """
    verified, plain = comparison.verified[-1].auc, comparison.fedavg[-1].auc
    if verified is None or plain is None:
        raise DemoCheckError("the held-out records are all of one class: no AUC can be computed")
    if abs(verified - plain) > LARGEST_AUC_GAP:
        raise DemoCheckError(
            f"the verified model's AUC is {verified:.4f}, plain FedAvg's {plain:.4f}: more than "
            f"{LARGEST_AUC_GAP} apart, so fixed point costs too much at this scale"
        )
