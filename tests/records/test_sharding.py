import re
import secrets

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from zkfl.node.records.errors import PreprocessingError
from zkfl.node.records.order import keyed_order
from zkfl.node.records.shards import make_shards

KEY = bytes(range(32))


def _records(count: int, positives: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    features = np.arange(count * 3, dtype=np.int64).reshape(count, 3) + 1
    return features, (np.arange(count) < positives).astype(np.int64)


@given(st.integers(1, 200), st.integers(1, 70), st.binary(min_size=16, max_size=40))
def test_every_record_lands_in_exactly_one_slot(count: int, slots: int, key: bytes) -> None:
    features, labels = _records(count, count // 3)
    shards = make_shards(features, labels, slots, key)
    used = [shard.used for shard in shards]
    assert len(shards) == -(-count // slots)
    assert max(used) - min(used) <= 1
    rows = [
        (*x, y)
        for shard in shards
        for x, y in zip(
            shard.features[: shard.used].tolist(), shard.labels[: shard.used].tolist(), strict=True
        )
    ]
    expected = [(*x, y) for x, y in zip(features.tolist(), labels.tolist(), strict=True)]
    assert sorted(rows) == sorted(expected)


@given(st.integers(1, 200), st.integers(0, 200))
def test_shards_share_the_classes_evenly(count: int, positives: int) -> None:
    features, labels = _records(count, min(positives, count))
    shards = make_shards(features, labels, 16, KEY)
    ones = [int(shard.labels.sum()) for shard in shards]
    assert max(ones) - min(ones) <= 1


def test_unused_slots_hold_nothing() -> None:
    features, labels = _records(5, 5)
    (shard,) = make_shards(features, labels, 8, KEY)
    assert shard.mask.tolist() == [1] * 5 + [0] * 3
    assert not shard.features[5:].any()
    assert not shard.labels[5:].any()


def test_the_key_alone_decides_the_order() -> None:
    features, labels = _records(100, 30)
    first, second = (make_shards(features, labels, 32, KEY) for _ in range(2))
    other = make_shards(features, labels, 32, secrets.token_bytes(32))
    assert all((a.features == b.features).all() for a, b in zip(first, second, strict=True))
    assert any((a.features != b.features).any() for a, b in zip(first, other, strict=True))


def test_the_order_stays_the_same_in_every_version() -> None:
    assert keyed_order(b"zkfl", 8) == [2, 0, 3, 7, 1, 4, 6, 5]


@pytest.mark.parametrize(
    ("features", "labels", "slots", "key", "message"),
    [
        (np.zeros((0, 3), np.int64), np.zeros(0, np.int64), 4, KEY, "N > 0"),
        (np.zeros((2, 3), np.int64), np.zeros(3, np.int64), 4, KEY, "must be (N, F) and (N,)"),
        (np.zeros((2, 3)), np.zeros(2, np.int64), 4, KEY, "shards hold int64"),
        (np.zeros((2, 3), np.int64), np.full(2, 2), 4, KEY, "labels must be 0 or 1, got [2]"),
        (np.zeros((2, 3), np.int64), np.zeros(2, np.int64), 0, KEY, "at least one slot, got 0"),
        (np.zeros((2, 3), np.int64), np.zeros(2, np.int64), 4, b"short", "has 5 bytes"),
    ],
)
def test_what_cannot_be_sharded_is_refused(
    features: NDArray[np.int64], labels: NDArray[np.int64], slots: int, key: bytes, message: str
) -> None:
    with pytest.raises(PreprocessingError, match=re.escape(message)):
        make_shards(features, labels, slots, key)
