"""The inference circuit in integers: what an honest prover's witness holds, bit for bit."""

from collections.abc import Sequence

import numpy as np

from zkfl.field import to_field, to_signed
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.inference.layout import unpack_record
from zkfl.zk_circuits.inference.logit_unit import logit_unit
from zkfl.zk_circuits.layout import Shard, unpack_model
from zkfl.zk_circuits.spec import CircuitSpec


def inferred_logit(spec: CircuitSpec, record: Sequence[int], model: Sequence[int]) -> int:
    """Return a record's logit at scale ``s``, rounded down: its class is 1 from 0 on.

    Parameters
    ----------
    spec
        Sizes.
    record, model
        Field elements: a record and a model vector.
    """
    return _score(spec, record, model) // logit_unit(spec)


def inference_zeros(
    spec: CircuitSpec, record: Sequence[int], model: Sequence[int], public: Sequence[int]
) -> list[int]:
    """Compute the output of the inference circuit.

    Parameters
    ----------
    spec
        Sizes.
    record, model, public
        Field elements: a record, a model, and the stated logit and context.

    Returns
    -------
    list[int]
        The zeros, as field elements.
    """
    features, unit = unpack_record(spec, record), logit_unit(spec)
    above = _score(spec, record, model) - to_signed(public[0]) * unit
    largest_square = int(spec.norm_bound**2 * spec.one**2)
    checked = [
        *(abs(value) - spec.feature_integer for value in features),
        sum(value * value for value in features) - largest_square,
        -above,
        above - unit + 1,
    ]
    return [to_field(abs(value) + value) for value in checked]


def _score(spec: CircuitSpec, record: Sequence[int], model: Sequence[int]) -> int:
    features = np.array([unpack_record(spec, record)], dtype=np.int64)
    used = np.array([spec.one], dtype=np.int64)
    shard = Shard(features, np.zeros_like(used), used)
    [score] = family_of(spec.model).integer_scores(spec, shard, unpack_model(spec, model))
    return int(score)
