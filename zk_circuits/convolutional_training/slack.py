"""How far a hostile choice of floor or ceiling moves a step; statement.md tells it in words.

Everything is in units of ``2^-s``, for one model: bounds over all models would be far larger
than what any model of use allows.
"""

from dataclasses import dataclass

import numpy as np

from zkfl.fixed_point import dyadic
from zkfl.zk_circuits.model_choice import POOL, ConvolutionalChoice
from zkfl.zk_circuits.model_family import FloatArray
from zkfl.zk_circuits.rescale_slack import (
    COARSE,
    TWO_VALUED,
    decay_slack,
    rate_slack,
    require_one_step,
    whole_units,
)
from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class Magnitudes:
    """Bounds on what a step computes with, all as real numbers.

    Attributes
    ----------
    feature
        Largest pixel, the mask included.
    pooled
        Largest value of a pooled map.
    parameter
        Largest parameter.
    output
        Largest weight of the output.
    output_sum
        Sum of the output's weights.
    filter_sum
        The largest part of it that one filter has.
    """

    feature: float
    pooled: float
    parameter: float
    output: float
    output_sum: float
    filter_sum: float


def magnitudes(
    spec: CircuitSpec, choice: ConvolutionalChoice, parameters: FloatArray
) -> Magnitudes:
    """Bound what a step computes with at a model, real numbers of shape (P,)."""
    dense = choice.taps * choice.filters
    feature = max(spec.feature_bound, 1.0)
    filters = np.abs(parameters[:dense]).reshape(choice.taps, choice.filters)
    output = np.abs(parameters[dense:-1]).reshape(choice.filters, choice.cells)
    return Magnitudes(
        feature=feature,
        pooled=feature * float(filters.sum(0).max()),
        parameter=float(np.abs(parameters).max()),
        output=float(output.max()),
        output_sum=float(output.sum()),
        filter_sum=float(output.sum(1).max()),
    )


def rescale_slack(
    spec: CircuitSpec, choice: ConvolutionalChoice, parameters: FloatArray, kinks: int
) -> int:
    """Bound how far a hostile prover moves an entry of one step, in units of ``2^-s``.

    Parameters
    ----------
    spec, choice
        Sizes and constants.
    parameters
        The model at which the step is made, real numbers of shape (P,).
    kinks
        Positions of one filter, over the whole shard, whose value is within a unit of zero:
        there the prover chooses the ReLU's derivative.

    Raises
    ------
    SlackError
        The spec has several local steps.
    """
    require_one_step(spec)
    bound = magnitudes(spec, choice, parameters)
    weight = max(spec.class_weights)
    maps = TWO_VALUED + choice.taps * bound.feature * COARSE
    residual = _residual(spec, choice, bound, maps)
    # The output's bias is like a weight of a pooled value that is always 1.
    output = spec.slots * (
        max(bound.pooled, 1.0) * residual + maps * (weight + residual / spec.one)
    )
    passed = (
        spec.slots * bound.feature * (residual * bound.filter_sum + weight * choice.cells * COARSE)
    )
    chosen = kinks * bound.feature * weight * bound.output * spec.one
    filters = passed + (TWO_VALUED * bound.filter_sum + chosen) / (2 * POOL * POOL)
    gradient = max(output, filters) + TWO_VALUED
    step = dyadic(spec.learning_rate / spec.slots, spec.scale_bits).value
    change = step * gradient + TWO_VALUED + decay_slack(spec, bound.parameter)
    return whole_units(change + rate_slack(spec))


def _residual(
    spec: CircuitSpec, choice: ConvolutionalChoice, bound: Magnitudes, maps: float
) -> float:
    outputs = choice.filters * choice.cells
    logit = maps * bound.output_sum + outputs * bound.pooled * COARSE
    # Two rescales of half logits, of maps and bias; the sigmoid's slope is at most 1/4.
    table = (logit + 4 * TWO_VALUED + COARSE) / 4 + 1
    weighted = TWO_VALUED if spec.class_weights[0] != spec.class_weights[1] else 0.0
    return min(table, float(spec.one)) * max(spec.class_weights) + weighted
