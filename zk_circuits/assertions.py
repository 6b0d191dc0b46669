"""What a circuit asserts, it outputs as entries that the contract requires to be zero."""

from torch import Tensor


def not_above_zero(values: Tensor) -> Tensor:
    """Return a tensor that is zero exactly where ``values <= 0``.

    ``|v| + v`` takes one decomposition; a ReLU takes one and an equality test.
    """
    return values.abs() + values
