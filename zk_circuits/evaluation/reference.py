"""The evaluation circuit in integers: what an honest prover's witness holds, bit for bit."""

from collections.abc import Sequence

import numpy as np

from zkfl.field import to_field, to_signed
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.layout import class_numbers, unpack_data, unpack_model
from zkfl.zk_circuits.spec import CircuitSpec


def evaluation_zeros(
    spec: CircuitSpec, data: Sequence[int], model: Sequence[int], public: Sequence[int]
) -> list[int]:
    """Compute the output of the evaluation circuit.

    Parameters
    ----------
    spec
        Sizes.
    data, model, public
        Field elements: a shard, a model, and packed counts and context.

    Returns
    -------
    list[int]
        The zeros, as field elements.
    """
    counts = confusion_counts(spec, data, model)
    return [to_field(2 * spec.one * (counts.packed() - to_signed(public[0])))]


def confusion_counts(
    spec: CircuitSpec, data: Sequence[int], model: Sequence[int]
) -> ConfusionCounts:
    """Count how often a model is right on the used slots of an admitted shard.

    Parameters
    ----------
    spec
        Sizes.
    data, model
        Field elements, laid out as `zkfl.zk_circuits.layout` does.
    """
    shard = unpack_data(spec, data)
    used = shard.mask != 0
    positive = (class_numbers(spec, shard.labels) == spec.model.positive_class)[used]
    scores = family_of(spec.model).integer_scores(spec, shard, unpack_model(spec, model))
    taken = np.array([score >= 0 for score in scores])[used]
    return ConfusionCounts(
        int(np.sum(positive & taken)),
        int(np.sum(~positive & taken)),
        int(np.sum(positive & ~taken)),
        int(np.sum(~positive & ~taken)),
    )
