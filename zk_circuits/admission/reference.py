"""The admission circuit in integers, exact: it never rescales."""

from collections.abc import Sequence

import numpy as np

from zkfl.field import to_field, to_signed
from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.admission.module import cosine_scale
from zkfl.zk_circuits.layout import Shard, unpack_data
from zkfl.zk_circuits.spec import CircuitSpec


def admission_zeros(spec: CircuitSpec, data: Sequence[int], public: Sequence[int]) -> list[int]:
    """Compute the zeros of the admission circuit, as field elements.

    Parameters
    ----------
    spec
        Sizes and bounds.
    data, public
        Field elements, laid out as `zkfl.zk_circuits.layout` does.

    Returns
    -------
    list[int]
        All 0 iff the shard is admissible; else the values EZKL's witness holds.
    """
    shard = unpack_data(spec, data)
    violations = _violations(spec, shard, to_signed(public[0]))
    return [to_field(int(value)) for value in violations]


def is_admissible(spec: CircuitSpec, shard: Shard) -> bool:
    """Tell whether an honest proof of admission exists for a shard."""
    return not np.any(_violations(spec, shard, shard.count))


def _violations(spec: CircuitSpec, shard: Shard, count: int) -> IntArray:
    """Return the zeros at the scale EZKL gives the output, ``3s``."""
    one = spec.one
    unused = one - shard.mask
    norms = np.sum(shard.features**2, axis=1)
    excess = norms - round(spec.norm_bound**2 * one * one)
    parts = [
        (np.array([_outside(spec, shard.features)]), cosine_scale(spec)),
        (np.abs(excess) + excess, 2 * spec.scale_bits),
        (shard.mask * unused, 2 * spec.scale_bits),
        ((shard.labels * (one - shard.labels)).ravel(), 2 * spec.scale_bits),
        _misplaced(spec, shard),
        (norms * unused, 3 * spec.scale_bits),
        (np.array([(shard.mask.sum() - count * one) * one]), 2 * spec.scale_bits),
    ]
    top = max(scale for _, scale in parts)
    return np.concatenate([values << (top - scale) for values, scale in parts])


def _misplaced(spec: CircuitSpec, shard: Shard) -> tuple[IntArray, int]:
    """Return the zeros about which slots have a label, and their scale."""
    if spec.label_columns == 1:
        return shard.labels * (spec.one - shard.mask), 2 * spec.scale_bits
    return shard.labels.sum(axis=1) - shard.mask, spec.scale_bits


def _outside(spec: CircuitSpec, features: IntArray) -> int:
    scale = 2.0 ** cosine_scale(spec)
    cosines = np.floor(scale * np.cos(features / scale) + 0.5).astype(np.int64)
    return int(cosines.sum()) - features.size * int(scale)
