"""Vectors are packed where the circuits read, and unpacked from there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkfl.field import SCALAR_MODULUS, FieldError, random_elements
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import (
    LayoutError,
    pack_data,
    pack_model,
    pack_public,
    pack_secrets,
    signed_array,
    unpack_data,
    unpack_model,
)

BLINDERS = list(range(TINY.data_blinders))


@given(st.integers(0, TINY.slots), st.integers(0, 2**32))
def test_a_shard_survives_packing(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.integers(-1024, 1025, (count, TINY.features))
    labels = rng.integers(0, 2, count)
    data = pack_data(TINY, features, labels, BLINDERS)
    shard = unpack_data(TINY, data)
    assert len(data) == TINY.data_length
    assert shard.count == count
    assert np.array_equal(shard.features[:count], features)
    assert np.array_equal(shard.labels[:count], labels * TINY.one)
    assert not shard.features[count:].any()
    assert not shard.labels[count:].any()
    assert data[-TINY.data_blinders :] == BLINDERS


def test_a_row_is_features_then_mask() -> None:
    data = pack_data(TINY, [[1, -2, 3]], [1], BLINDERS)
    assert data[:5] == [1, SCALAR_MODULUS - 2, 3, TINY.one, 0]
    assert data[TINY.slots * 4] == TINY.one


@pytest.mark.parametrize(
    ("features", "labels"),
    [([[1, 2]], [0]), ([[1, 2, 3]], [0, 1]), ([[0, 0, 0]] * 9, [0] * 9)],
)
def test_a_shard_of_another_shape_is_refused(features: object, labels: list[int]) -> None:
    with pytest.raises(LayoutError, match="do not fit a shard of 8 slots with 3 features"):
        pack_data(TINY, features, labels, BLINDERS)


def test_blinders_of_another_number_are_refused() -> None:
    with pytest.raises(LayoutError, match="blinders has 3 entries, this circuit takes 24"):
        pack_data(TINY, [[0, 0, 0]], [0], [1, 2, 3])


def test_a_blinder_beyond_the_field_is_refused() -> None:
    with pytest.raises(FieldError, match="is not a field element"):
        pack_data(TINY, [[0, 0, 0]], [0], [*BLINDERS[1:], SCALAR_MODULUS])


def test_a_model_survives_packing() -> None:
    parameters = [5, -(2**30), 0, 7]
    vector = pack_model(TINY, parameters, random_elements(5))
    assert unpack_model(TINY, vector) == parameters
    assert pack_model(TINY, [0] * 4) == [0] * TINY.model_length


def test_secrets_and_public_scalars() -> None:
    secrets = pack_secrets(TINY, [-1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12, 13])
    assert secrets == [SCALAR_MODULUS - 1, *range(2, 14)]
    assert pack_public(3, SCALAR_MODULUS + 4) == [3, 4]


def test_a_vector_of_another_length_is_refused() -> None:
    with pytest.raises(LayoutError, match="has 3 entries, this circuit takes 64"):
        unpack_data(TINY, [0, 0, 0])
    with pytest.raises(LayoutError, match="has 3 entries, this circuit takes 9"):
        unpack_model(TINY, [0, 0, 0])


def test_a_blinder_is_no_number() -> None:
    with pytest.raises(LayoutError, match="too large for a fixed-point number"):
        signed_array([1 << 100])
