"""How far a hostile choice of floor or ceiling moves a step; statement.md tells it in words."""

import math

from zkfl.zk_circuits.rescale_slack import (
    COARSE,
    TWO_VALUED,
    SlackError,
    as_held,
    rate_slack,
    whole_units,
)
from zkfl.zk_circuits.spec import CircuitSpec


def rescale_slack(spec: CircuitSpec, largest_weight: float) -> int:
    """Bound how far a hostile choice of floor or ceiling moves an entry of one step.

    Parameters
    ----------
    spec
        Sizes and constants.
    largest_weight
        Largest magnitude of a parameter of the round's model, a real number.

    Returns
    -------
    int
        Units of ``2^-s``.

    Raises
    ------
    SlackError
        The spec has several local steps.
    """
    if spec.local_steps > 1:
        raise SlackError(
            f"no bound on the slack of a softmax model is derived for local_steps = "
            f"{spec.local_steps}: ask for local_steps = 1, or count on the clip {spec.clip} alone"
        )
    feature = max(spec.feature_bound, 1.0)
    gradient = spec.slots * feature * _residual(spec) + TWO_VALUED
    if spec.l2:
        # The count times l2 may be one unit more; it multiplies the moved parameters.
        held = as_held(spec, spec.l2) * spec.slots + 1 / spec.one
        gradient += largest_weight + held * COARSE + TWO_VALUED
    rate = as_held(spec, spec.learning_rate / spec.slots)
    return whole_units(rate * gradient + TWO_VALUED + rate_slack(spec))


def probability_error(spec: CircuitSpec) -> float:
    """Bound what tables round off a probability, in units of ``2^-s``.

    The largest exponential is 1 exactly and every other is half a unit off at most, so their sum,
    which is 1 or more, is off by half a unit a class. Its logarithm and the last exponential round
    by half a unit each.
    """
    lost = (spec.label_columns - 1) / 2 / spec.one
    if lost >= 1:
        return float(spec.one)
    apart = -math.log1p(-lost) + 0.5 / spec.one
    return min(math.expm1(apart) * spec.one + 0.5, float(spec.one))


def _residual(spec: CircuitSpec) -> float:
    seen = min(spec.features * spec.feature_bound, math.sqrt(spec.features) * spec.norm_bound) + 1
    logit = seen * COARSE + TWO_VALUED
    # A probability moves by at most p(1-p) times what two logits move apart: a quarter of twice
    # one logit's error. What lies below the bound moves no further than the largest does.
    return min(logit / 2 + 2 * probability_error(spec), float(spec.one))
