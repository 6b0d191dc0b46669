import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from zkfl.node.records.errors import PreprocessingError
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds, encode, preprocess, quantise, winsorise

MATRICES = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=40),
    elements=st.floats(-1e6, 1e6),
)
BOUNDS = st.builds(FeatureBounds, st.floats(0.01, 16), st.floats(0.01, 16), st.integers(1, 16))


def test_records_are_encoded_as_the_schema_says(records_csv: Path, schema: RecordSchema) -> None:
    encoded = encode(load_records(records_csv, schema), schema)
    expected = np.array([[-4.0, -0.5, 0, 1, 0, 0], [1.05, 0, 1, 0, 0, 1], [2, 0, 1, 1, 0, 0]])
    np.testing.assert_allclose(encoded, expected, atol=1e-12)


def test_a_missing_code_left_in_place_counts_as_missing(
    records_csv: Path, schema: RecordSchema
) -> None:
    records = load_records(records_csv, schema)
    expected = encode(records, schema)
    records.loc[1, "pressure"] = 0.0
    np.testing.assert_array_equal(encode(records, schema), expected)


def test_records_without_a_column_are_refused(records_csv: Path, schema: RecordSchema) -> None:
    records = load_records(records_csv, schema).drop(columns="sex")
    with pytest.raises(PreprocessingError, match=re.escape("records lack column(s) ['sex']")):
        preprocess(records, schema, FeatureBounds(4, 4))


def test_clipping_comes_before_the_norm() -> None:
    row = np.array([[100.0, 3.0, 0.0]])
    np.testing.assert_allclose(winsorise(row, FeatureBounds(4, 8)), [[4, 3, 0]])
    np.testing.assert_allclose(winsorise(row, FeatureBounds(4, 2.5)), [[2, 1.5, 0]])


@given(MATRICES, BOUNDS)
def test_quantised_rows_keep_both_bounds_exactly(
    features: NDArray[np.float64], bounds: FeatureBounds
) -> None:
    integers = quantise(winsorise(features, bounds), bounds)
    assert integers.dtype == np.int64
    assert np.abs(integers).max() <= bounds.largest_entry
    squares = (integers.astype(object) ** 2).sum(axis=1)
    assert (squares <= bounds.largest_square).all()


@given(MATRICES)
def test_quantising_moves_no_entry_by_two_units(features: NDArray[np.float64]) -> None:
    bounds = FeatureBounds(4, 4)
    bounded = winsorise(features, bounds)
    assert np.abs(quantise(bounded, bounds) - bounded * 1024).max() < 2


@given(MATRICES)
def test_winsorising_twice_changes_nothing(features: NDArray[np.float64]) -> None:
    bounds = FeatureBounds(4, 4)
    once = winsorise(features, bounds)
    np.testing.assert_allclose(winsorise(once, bounds), once, rtol=1e-12)


def test_bounds_of_fractions_are_rounded_down() -> None:
    bounds = FeatureBounds(0.3, 0.3, scale_bits=10)
    assert bounds.largest_entry == 307
    assert bounds.largest_square == 94371


@pytest.mark.parametrize("value", [5.0, np.nan, np.inf])
def test_features_that_were_not_bounded_are_refused(value: float) -> None:
    with pytest.raises(PreprocessingError, match="pass them through winsorise"):
        quantise(np.array([[value, 0.0]]), FeatureBounds(4, 8))
    with pytest.raises(PreprocessingError, match="pass them through winsorise"):
        quantise(np.array([[value, 4.0]]), FeatureBounds(8, 4))


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, 1025.0])
def test_bounds_that_bound_nothing_are_refused(value: float) -> None:
    with pytest.raises(PreprocessingError, match="feature_bound"):
        FeatureBounds(value, 4)
    with pytest.raises(PreprocessingError, match="row_norm_bound"):
        FeatureBounds(4, value)


def test_a_scale_of_no_sense_is_refused() -> None:
    with pytest.raises(PreprocessingError, match="scale_bits 21"):
        FeatureBounds(4, 4, 21)
