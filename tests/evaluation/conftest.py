import numpy as np
import pytest

from zkfl.evaluation.baselines import Selection, ShardRecords
from zkfl.evaluation.comparison import Comparison, compare
from zkfl.evaluation.training import TrainingStep

STEP = TrainingStep(learning_rate=2.0, l2=2.0**-7, slots=16)


def make_shard(seed: int, used: int) -> ShardRecords:
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(used, 3))
    labels = (features[:, 0] + 0.3 * generator.normal(size=used) > 0).astype(np.int64)
    return ShardRecords(features, labels)


@pytest.fixture
def step() -> TrainingStep:
    return STEP


@pytest.fixture
def hospitals() -> dict[str, list[ShardRecords]]:
    return {
        "north": [make_shard(1, 16), make_shard(2, 15)],
        "south": [make_shard(3, 9)],
        "west": [make_shard(4, 12), make_shard(5, 12), make_shard(6, 11)],
    }


@pytest.fixture
def schedule() -> list[list[Selection | None]]:
    return [
        [Selection(r % 2, 27000), Selection(0, 7536), Selection(r % 3, 31000)] for r in range(6)
    ]


@pytest.fixture
def comparison(
    hospitals: dict[str, list[ShardRecords]],
    schedule: list[list[Selection | None]],
    step: TrainingStep,
) -> Comparison:
    verified = np.zeros((7, 4))
    verified[1:, 0] = np.arange(1, 7)
    return compare(
        "toy",
        verified=verified,
        hospitals=hospitals,
        schedule=schedule,
        step=step,
        test=make_shard(9, 80),
    )
