"""A chain's models must be those that the hospitals' own folders give."""

import os
import re
from pathlib import Path

import pytest

from zkfl.evaluation.baselines import Selection
from zkfl.node.home import NodeHome
from zkfl.node.round_journal import RoundJournal
from zkfl.node.shard_vault import SealedShard, ShardVault
from zkfl.studies.comparison import NOISE_BOUND
from zkfl.studies.errors import StudyError
from zkfl.studies.proven_run import prove_study, require_equal_models
from zkfl.studies.study import STUDIES
from zkfl.studies.verified_run import uniform_secrets, verified_models
from zkfl.zk_circuits.layout import unpack_data
from zkfl.zk_circuits.spec import CircuitSpec

Vectors = list[list[list[int]]]
Schedule = list[list[Selection]]


@pytest.fixture
def homes(
    spec: CircuitSpec, vectors: Vectors, schedule: Schedule, tmp_path: Path
) -> list[NodeHome]:
    """Return hospitals' folders as a run leaves them: shards, and secrets by round."""
    os.umask(0o077)
    secrets = uniform_secrets(spec, NOISE_BOUND, seed=8)
    kept = [NodeHome(tmp_path / f"site-{place}") for place in range(len(vectors))]
    for place, home in enumerate(kept):
        vault = ShardVault(home, spec.data_length)
        for index, vector in enumerate(vectors[place]):
            vault.save(SealedShard(index, unpack_data(spec, vector).count, vector))
        for number in range(1, len(schedule) + 1):
            RoundJournal(home, number).keep_vector("secrets", secrets(number, place))
    return kept


@pytest.fixture
def models(spec: CircuitSpec, vectors: Vectors, schedule: Schedule) -> list[list[int]]:
    secrets = uniform_secrets(spec, NOISE_BOUND, seed=8)
    return verified_models(spec, vectors, schedule, secrets, NOISE_BOUND)


def test_equal_models_pass(
    spec: CircuitSpec, homes: list[NodeHome], schedule: Schedule, models: list[list[int]]
) -> None:
    require_equal_models(spec, homes, schedule, models)


def test_one_unit_in_one_entry_is_noticed(
    spec: CircuitSpec, homes: list[NodeHome], schedule: Schedule, models: list[list[int]]
) -> None:
    models[2][1] += 1
    with pytest.raises(StudyError, match=re.escape("after round 2 entry 1 of the model is")):
        require_equal_models(spec, homes, schedule, models)


def test_another_share_is_noticed(
    spec: CircuitSpec, homes: list[NodeHome], schedule: Schedule, models: list[list[int]]
) -> None:
    other = [[Selection(c.shard, c.share + 1) for c in choices] for choices in schedule]
    with pytest.raises(StudyError, match="after round 1 entry"):
        require_equal_models(spec, homes, other, models)


def test_other_noise_is_noticed(
    spec: CircuitSpec, homes: list[NodeHome], schedule: Schedule, models: list[list[int]]
) -> None:
    RoundJournal(homes[1], 3).keep_vector("secrets", uniform_secrets(spec, NOISE_BOUND, 9)(3, 1))
    with pytest.raises(StudyError, match="after round 3 entry"):
        require_equal_models(spec, homes, schedule, models)


def test_lost_secrets_are_named(
    spec: CircuitSpec, homes: list[NodeHome], schedule: Schedule, models: list[list[int]]
) -> None:
    (homes[2].round(2) / "secrets.vector").unlink()
    with pytest.raises(StudyError, match="site-2 has no secrets of round 2"):
        require_equal_models(spec, homes, schedule, models)


@pytest.mark.slow
def test_a_study_with_real_proofs_is_the_integer_run(tmp_path: Path) -> None:
    os.umask(0o077)
    found = prove_study(STUDIES["wdbc"], 1, tmp_path / "run")
    assert found["models_equal"] == 2
    assert found["entries_equal"] == 62
