"""How far a hostile choice of roundings moves a step; statement.md tells it in words."""

import math

from zkfl.zk_circuits.mlp_training.module import rate_shifts
from zkfl.zk_circuits.rescale_slack import (
    COARSE,
    TWO_VALUED,
    decay_slack,
    rate_slack,
    require_one_step,
    whole_units,
)
from zkfl.zk_circuits.spec import CircuitSpec


def rescale_slack(spec: CircuitSpec, hidden: int, largest_weight: float, undecided: int = 0) -> int:
    """Bound how far a hostile choice of roundings moves an entry of one step.

    Follows the forward and backward pass, a choice of floor or ceiling at each rescale; see
    ``statement.md``. Where a unit's activation is within a unit of zero, the prover also
    chooses its derivative, which moves the first layer by that slot's whole gradient.

    Parameters
    ----------
    spec
        Sizes and constants.
    hidden
        ``H``.
    largest_weight
        Largest magnitude of a parameter, a real number.
    undecided
        Slots in which one and the same unit is that close to zero.

    Returns
    -------
    int
        Units of ``2^-s``.

    Raises
    ------
    SlackError
        The spec has several local steps.
    """
    require_one_step(spec)
    feature, loss = max(spec.feature_bound, 1.0), max(spec.class_weights)
    early, late = rate_shifts(spec)
    seen = math.sqrt(spec.features) * spec.norm_bound + 1
    unit, largest = TWO_VALUED + seen * COARSE, largest_weight * seen + 1 / spec.one
    residual = _residual(spec, hidden * (largest_weight * unit + largest * COARSE))
    flipped = 2 * undecided * feature * loss * spec.one
    summed = (2 * spec.slots * feature * residual + flipped) / (1 << early) + TWO_VALUED
    passed = (2 * spec.slots * feature * loss) / (1 << early)
    first = (summed * largest_weight + (passed + summed) * COARSE) / (1 << 1 + late)
    # The output's bias is like a weight of a unit that is always 1.
    second = spec.slots * (max(largest, 1.0) * residual + unit * loss) / (1 << early + late)
    step = max(first, second) + TWO_VALUED + decay_slack(spec, largest_weight)
    return whole_units(step + rate_slack(spec))


def _residual(spec: CircuitSpec, logit: float) -> float:
    """Return what a weighed residual moves by where the sum over the units does by ``logit``."""
    # Two rescales of half logits, of units and bias; the sigmoid's slope is at most 1/4.
    table = min((logit + 4 * TWO_VALUED + COARSE) / 4 + 1, float(spec.one))
    low, high = spec.class_weights
    return table if low == high else max(low, high) * table + TWO_VALUED
