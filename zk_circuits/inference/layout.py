"""Where each number of a record sits in the vector that is committed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from zkfl.field import random_elements, to_field, to_signed
from zkfl.zk_circuits.layout import LayoutError
from zkfl.zk_circuits.spec import CircuitSpec

RECORD_BLINDERS = 4
"""Of a record that one proof opens: ``t + 2`` of ``t`` proofs, and one to spare."""
NO_BLINDERS = (0,) * RECORD_BLINDERS
"""Of a public record, so that anybody can commit to it."""


def record_length(spec: CircuitSpec) -> int:
    """Return the entries of a record vector: features, then blinders."""
    return spec.features + RECORD_BLINDERS


def fresh_blinders() -> list[int]:
    """Draw a record's blinders, for one proof and no second one."""
    return random_elements(RECORD_BLINDERS)


def pack_record(spec: CircuitSpec, features: ArrayLike, blinders: Sequence[int]) -> list[int]:
    """Lay out a record.

    Parameters
    ----------
    spec
        The consortium's sizes.
    features
        Integers at scale ``s``, shape (F,).
    blinders
        `RECORD_BLINDERS` field elements.

    Raises
    ------
    LayoutError
        A number of entries does not fit the spec.
    """
    row = np.asarray(features, dtype=np.int64)
    if row.shape != (spec.features,) or len(blinders) != RECORD_BLINDERS:
        raise LayoutError(
            f"a record of shape {row.shape} with {len(blinders)} blinders is none of "
            f"{spec.features} features with {RECORD_BLINDERS}: was it made for another instance?"
        )
    return [*(to_field(int(value)) for value in row), *blinders]


def unpack_record(spec: CircuitSpec, record: Sequence[int]) -> list[int]:
    """Return the signed features of a record vector."""
    if len(record) != record_length(spec):
        raise LayoutError(
            f"a record has {len(record)} entries, this circuit takes {record_length(spec)}: was "
            "it made for another instance?"
        )
    return [to_signed(value) for value in record[: spec.features]]
