"""How far a hostile choice of floor or ceiling moves a delta; statement.md tells it in words.

Errors are integers in units of ``2^-s``: what a hostile prover's number may differ by from an
honest one's. Magnitudes are real numbers.
"""

import math
from dataclasses import dataclass

from zkfl.zk_circuits.rescale_slack import COARSE, TWO_VALUED, as_held, whole_units
from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class _Course:
    """Bounds after some local steps, on the entries of what an honest prover has.

    Attributes
    ----------
    delta, velocity
        Magnitudes.
    delta_error, velocity_error
        How far a hostile prover's are from them.
    """

    delta: float
    velocity: float
    delta_error: int
    velocity_error: int


def rescale_slack(spec: CircuitSpec, largest_weight: float) -> int:
    """Bound how far a hostile choice of floor or ceiling moves an entry of ``delta``.

    A step's error follows from that of its parameters and from its own rescales; it moves the
    parameters of the next one. In several steps the bound therefore grows by a factor a step,
    far above what choices reach.

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
    """
    change = _change(spec, largest_weight)
    error = _rated(spec, _change_error(spec, largest_weight, COARSE))
    course = _Course(change, change, error, error)
    for _ in range(spec.local_steps - 1):
        course = _next(spec, largest_weight, course)
    return course.delta_error


def _next(spec: CircuitSpec, start: float, course: _Course) -> _Course:
    unit = 1 / spec.one
    weight = start + course.delta + unit
    pull = as_held(spec, spec.proximal * spec.learning_rate / spec.slots) * spec.slots + unit
    inertia = as_held(spec, spec.momentum)
    velocity = _change(spec, weight) + pull * course.delta + inertia * course.velocity + 2 * unit
    moved = _rescaled(course.delta_error + COARSE)
    error = _change_error(spec, weight, moved)
    if spec.proximal:
        error += _rescaled(course.delta + (pull + unit) * course.delta_error)
    error = _rated(spec, error)
    if spec.momentum:
        error += _rescaled(inertia * course.velocity_error)
    return _Course(course.delta + velocity, velocity, course.delta_error + error, error)


def _change(spec: CircuitSpec, weight: float) -> float:
    """Return the largest entry of one honest step; units cover its roundings."""
    unit = 1 / spec.one
    gradient = spec.slots * _feature(spec) * max(spec.class_weights) + unit
    decay = (as_held(spec, spec.l2) * spec.slots + unit) * weight + unit
    return (gradient + decay) * _rate(spec) + unit


def _change_error(spec: CircuitSpec, weight: float, moved: float) -> int:
    """Return the error of one step at parameters up to ``weight`` with an error of ``moved``."""
    gradient = _rescaled(spec.slots * _feature(spec) * _residual_error(spec, moved))
    if spec.l2:
        # The count times l2 may be one unit more; it multiplies the moved parameters.
        held = as_held(spec, spec.l2) * spec.slots + 1 / spec.one
        gradient += _rescaled(weight + held * moved)
    return _rescaled(_rate(spec) * gradient)


def _residual_error(spec: CircuitSpec, moved: float) -> int:
    seen = min(spec.features * spec.feature_bound, math.sqrt(spec.features) * spec.norm_bound) + 1
    logit = 2 * _rescaled(seen * moved / 2)
    # The sigmoid's slope is at most 1/4, and its table rounds.
    residual = min(whole_units(logit / 4 + 1), spec.one)
    low, high = spec.class_weights
    return residual if low == high else _rescaled(max(low, high) * residual)


def _rescaled(error: float) -> int:
    return whole_units(error + TWO_VALUED)


def _rated(spec: CircuitSpec, error: int) -> int:
    """Return a step's error after the round's rate, at most 1, has multiplied it."""
    return _rescaled(error) if spec.rate_bits else error


def _rate(spec: CircuitSpec) -> float:
    return as_held(spec, spec.learning_rate / spec.slots)


def _feature(spec: CircuitSpec) -> float:
    return max(spec.feature_bound, 1.0)
