"""The evaluation circuit in integers: what an honest prover's witness holds, bit for bit."""

from collections.abc import Sequence

import numpy as np

from zkfl.field import to_field, to_signed
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.layout import Shard, unpack_data, unpack_model
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
    positive = (shard.labels != 0)[used]
    taken = np.array([score >= 0 for score in scores(spec, shard, model)])[used]
    return ConfusionCounts(
        int(np.sum(positive & taken)),
        int(np.sum(~positive & taken)),
        int(np.sum(positive & ~taken)),
        int(np.sum(~positive & ~taken)),
    )


def scores(spec: CircuitSpec, shard: Shard, model: Sequence[int]) -> list[int]:
    """Return the logit of every slot at scale ``2s + 39``, exactly: they do not fit int64."""
    parameters = unpack_model(spec, model)
    records = np.concatenate([shard.features, shard.mask[:, None]], axis=1)
    return [
        sum(int(value) * weight for value, weight in zip(row, parameters, strict=True))
        for row in records
    ]
