"""What the families' bounds on a hostile choice of floor or ceiling have in common."""

import math

from zkfl.errors import ZkflError
from zkfl.fixed_point import dyadic
from zkfl.zk_circuits.spec import MODEL_GUARD_BITS, CircuitSpec

TWO_VALUED = 1.5
"""More than a prover's choice of floor or ceiling can differ from honest rounding."""
COARSE = 2.0**-MODEL_GUARD_BITS
"""What the same choice moves a parameter by, in units of ``2^-s``, when the model is rescaled."""


class SlackError(ZkflError):
    """Nobody has derived a bound on the slack of rescaling for such a circuit."""


def whole_units(bound: float) -> int:
    """Return the largest integer below a bound that is never reached."""
    return math.ceil(bound) - 1


def as_held(spec: CircuitSpec, constant: float) -> float:
    """Return the real number that a circuit computes with for a constant below 1, or 0."""
    return dyadic(constant, spec.scale_bits).value if constant else 0.0


def decay_slack(spec: CircuitSpec, weight: float) -> float:
    """Bound what `DecayedStep`'s L2 term moves by, at parameters up to ``weight``."""
    if not spec.l2:
        return 0.0
    rate = as_held(spec, spec.l2 * spec.learning_rate / spec.slots)
    # The count times the rate may be one unit more; it multiplies the moved parameters.
    return weight + (rate * spec.slots + 1 / spec.one) * COARSE + TWO_VALUED


def rate_slack(spec: CircuitSpec) -> float:
    """Return what the product with the round's rate, at most 1, adds to a step's error."""
    return TWO_VALUED if spec.rate_bits else 0.0


def require_one_step(spec: CircuitSpec) -> None:
    """Refuse several local steps, for families whose gradient jumps.

    What one step moves a parameter by can turn a ReLU's derivative over in the next one, in any
    number of slots, so what is left of the first choice is no multiple of it.

    Raises
    ------
    SlackError
        The spec has more than one local step.
    """
    if spec.local_steps > 1:
        raise SlackError(
            f"no bound on the slack of a {spec.model.family} model is derived for local_steps = "
            f"{spec.local_steps}, since a parameter that one step moves can turn a ReLU over in "
            f"the next: ask for local_steps = 1, or count on the clip {spec.clip} alone"
        )
