from collections.abc import Callable

import numpy as np
import pytest

from zkfl.evaluation.baselines import Selection, ShardRecords
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.layout import pack_data
from zkfl.zk_circuits.spec import CircuitSpec

RECORDS = (7, 5, 8)
"""Of the single shards of three sites."""


@pytest.fixture(scope="session")
def spec() -> CircuitSpec:
    return get_instance("tiny").spec


@pytest.fixture(scope="session")
def vectors(spec: CircuitSpec) -> list[list[list[int]]]:
    """Return three sites' data vectors, two shards each."""
    rng = np.random.default_rng(11)
    return [
        [
            pack_data(
                spec,
                rng.integers(-400, 401, (count, spec.features)),
                rng.integers(0, 2, count),
                list(range(1, spec.data_blinders + 1)),
            )
            for _ in range(2)
        ]
        for count in RECORDS
    ]


@pytest.fixture(scope="session")
def schedule() -> list[list[Selection]]:
    """Return the shards and shares of three rounds."""
    shares = (23_000, 16_384, 26_152)
    return [[Selection(number % 2, share) for share in shares] for number in range(3)]


@pytest.fixture
def make_records() -> Callable[[int, int], ShardRecords]:
    """Return records of which the first feature tells the label, mostly."""

    def make(seed: int, count: int) -> ShardRecords:
        rng = np.random.default_rng(seed)
        features = rng.normal(size=(count, 4))
        labels = (features[:, 0] + 0.5 * rng.normal(size=count) > 0).astype(np.int64)
        return ShardRecords(features, labels)

    return make
