"""Public preprocessing: encode, centre and scale, clip, bound each row's norm, quantise.

Every constant comes from the schema or the consortium, none from the records. The two
bounds are what the admission circuit proves of every row, on integers at scale ``2^s``;
the norm bound limits one record's influence on a gradient, hence the sensitivity of
the noise (Abadi et al. 2016, https://arxiv.org/abs/1607.00133, section 3.1, with the
inputs bounded in place of the gradients).
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zkfl.node.records.errors import PreprocessingError
from zkfl.node.records.schema import Feature, RecordSchema

SCALE_BITS = 10
"""``s`` of the protocol: a real number ``r`` is stored as an integer near ``r * 2^s``."""
_MAX_BOUND = 1024.0


@dataclass(frozen=True)
class FeatureBounds:
    """The consortium's bounds on a preprocessed row, unitless, and its fixed-point scale.

    Attributes
    ----------
    feature_bound : float
        No feature exceeds this in absolute value.
    row_norm_bound : float
        No row exceeds this L2 norm.
    scale_bits : int
        ``s``: fractional bits of the integers.

    Raises
    ------
    PreprocessingError
        A bound is not in ``(0, 1024]`` or the scale not in ``[1, 20]``.
    """

    feature_bound: float
    row_norm_bound: float
    scale_bits: int = SCALE_BITS

    def __post_init__(self) -> None:
        """Refuse bounds that are no bounds."""
        for name in ("feature_bound", "row_norm_bound"):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 < value <= _MAX_BOUND):
                raise PreprocessingError(f"{name} {value} must lie in (0, {_MAX_BOUND:g}]")
        if not 1 <= self.scale_bits <= 20:  # noqa: PLR2004 - 2 * 20 bits of a square fit int64
            raise PreprocessingError(f"scale_bits {self.scale_bits} must lie in [1, 20]")

    @property
    def largest_entry(self) -> int:
        """Largest absolute value of a quantised feature, an integer at scale ``2^s``."""
        return math.floor(Fraction(self.feature_bound) * (1 << self.scale_bits))

    @property
    def largest_square(self) -> int:
        """Largest sum of squares of a quantised row, ``floor(R^2 * 2^(2s))``."""
        bound = Fraction(self.row_norm_bound)
        return math.floor(bound * bound * (1 << 2 * self.scale_bits))


def encode(records: pd.DataFrame, schema: RecordSchema) -> NDArray[np.float64]:
    """Turn checked records into centred, scaled, one-hot features.

    Parameters
    ----------
    records
        What `load_records` returned: ``N`` rows, NaN where missing.
    schema
        The schema they were checked against.

    Returns
    -------
    numpy.ndarray
        float64 ``(N, F)`` in the order of ``schema.features``, all finite.

    Raises
    ------
    PreprocessingError
        The frame lacks a column of the schema, or a result is not finite.
    """
    absent = [name for name in schema.column_names if name not in records.columns]
    if absent:
        raise PreprocessingError(f"records lack column(s) {absent}: load them with load_records")
    encoded = np.column_stack(
        [
            _encode_feature(records[feature.column].to_numpy(dtype=np.float64), feature)
            for feature in schema.features
        ]
    )
    if not np.isfinite(encoded).all():
        raise PreprocessingError("a feature is infinite: the records were not checked")
    return encoded


def _encode_feature(values: NDArray[np.float64], feature: Feature) -> NDArray[np.float64]:
    missing = np.isnan(values)
    if feature.missing_code is not None:
        missing |= values == feature.missing_code
    if feature.kind == "missing":
        return missing.astype(np.float64)
    if feature.kind == "code":
        met: NDArray[np.bool_] = values == feature.code
        return met.astype(np.float64)
    filled: NDArray[np.float64] = np.where(missing, feature.centre, values)
    standard: NDArray[np.float64] = (filled - feature.centre) / feature.scale
    return standard


def winsorise(features: NDArray[np.float64], bounds: FeatureBounds) -> NDArray[np.float64]:
    """Clip each feature to the bound, then shrink rows whose norm is too large.

    Parameters
    ----------
    features
        float64 ``(N, F)``.
    bounds
        The consortium's bounds.

    Returns
    -------
    numpy.ndarray
        float64 ``(N, F)``; norms are at most ``row_norm_bound`` up to float rounding,
        `quantise` makes that exact.
    """
    clipped = np.clip(features, -bounds.feature_bound, bounds.feature_bound)
    norms = np.sqrt(np.sum(clipped * clipped, axis=1, keepdims=True))
    result: NDArray[np.float64] = clipped * (
        bounds.row_norm_bound / np.maximum(norms, bounds.row_norm_bound)
    )
    return result


def quantise(features: NDArray[np.float64], bounds: FeatureBounds) -> NDArray[np.int64]:
    """Round winsorised features toward zero to integers that keep both bounds exactly.

    Rounding to nearest could lift a row over the norm the admission circuit proves, so
    entries go toward zero; a row still over it by float error loses one unit of its
    largest entry at a time.

    Parameters
    ----------
    features
        float64 ``(N, F)`` from `winsorise`.
    bounds
        The same bounds.

    Returns
    -------
    numpy.ndarray
        int64 ``(N, F)`` at scale ``2^s``, every entry within ``largest_entry``, every
        row's sum of squares within ``largest_square``.

    Raises
    ------
    PreprocessingError
        Values exceed the bounds by more than rounding: they were not winsorised.
    """
    _require_winsorised(features, bounds)
    limit = bounds.largest_entry
    scaled = np.trunc(features * float(1 << bounds.scale_bits))
    integers: NDArray[np.int64] = scaled.astype(np.int64).clip(-limit, limit)
    for row in np.flatnonzero(np.sum(integers * integers, axis=1) > bounds.largest_square):
        _shrink_row(integers[row], bounds.largest_square)
    return integers


def _require_winsorised(features: NDArray[np.float64], bounds: FeatureBounds) -> None:
    slack = 1 + 1e-9
    norms = np.linalg.norm(features, axis=1)
    if (
        not np.isfinite(features).all()
        or (np.abs(features) > bounds.feature_bound * slack).any()
        or (norms > bounds.row_norm_bound * slack).any()
    ):
        raise PreprocessingError(
            f"features exceed {bounds}: pass them through winsorise before quantise"
        )


def _shrink_row(row: NDArray[np.int64], largest_square: int) -> None:
    while int(np.dot(row, row)) > largest_square:
        largest = int(np.argmax(np.abs(row)))
        row[largest] -= np.sign(row[largest])


def preprocess(
    records: pd.DataFrame, schema: RecordSchema, bounds: FeatureBounds
) -> NDArray[np.float64]:
    """Encode and winsorise checked records: float64 ``(N, F)``, ready to `quantise`.

    Raises
    ------
    PreprocessingError
        The records do not carry the schema's columns.
    """
    return winsorise(encode(records, schema), bounds)
