"""A level that is too high, or from an update that helps nobody, has no proof with zeros."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.commitments import Committer
from zkfl.field import random_elements
from zkfl.zk_circuits.benefit import define
from zkfl.zk_circuits.benefit.reference import highest_level
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_model
from zkfl.zk_circuits.prover import InputError, StatementError, prove

if TYPE_CHECKING:
    from conftest import MakeSrs, Vectors

DEADLINE = 120.0
NOISE_BOUND = 1 << 23
UPDATE, REST = [1 << 30, -(1 << 29), 0, 1 << 28], [1 << 50, 0, 1 << 48, 0]


@pytest.fixture(scope="module")
def srs(make_srs: "MakeSrs") -> Path:
    return make_srs(TINY.logrows)


@pytest.fixture(scope="module")
def built(srs: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltCircuit:
    return build_circuit(define(TINY), srs, tmp_path_factory.mktemp("benefit"))


@pytest.fixture
def vectors() -> "Vectors":
    update, rest = (
        pack_model(TINY, parameters, random_elements(TINY.update_blinders))
        for parameters in (UPDATE, REST)
    )
    level = highest_level(TINY, update, rest, NOISE_BOUND)
    return {"update": update, "rest": rest, "bound": [NOISE_BOUND], "public": [level, 7]}


def test_the_proof_commits_to_what_the_contract_compares(
    built: BuiltCircuit, srs: Path, vectors: "Vectors"
) -> None:
    proof = prove(built, vectors, DEADLINE)
    committer = Committer(srs)
    for name, vector in vectors.items():
        assert proof.points[name] == tuple(committer.commit(vector)), name
    assert proof.points["zeros"] == tuple(committer.commit([0]))


def test_a_higher_level_is_no_zero(built: BuiltCircuit, srs: Path, vectors: "Vectors") -> None:
    level = vectors["public"][0]
    assert 0 < level < 16
    lie = vectors | {"public": [level + 1, 7]}
    with pytest.raises(StatementError, match=r"entries \[1\] of the zeros are not zero"):
        prove(built, lie, DEADLINE)
    proof = prove(built, lie, DEADLINE, require_zeros=False)
    assert proof.points["zeros"] != tuple(Committer(srs).commit([0]))


@pytest.mark.parametrize("parameters", [[0] * 4, [-value for value in UPDATE]])
def test_no_level_from_an_update_that_helps_nobody(
    built: BuiltCircuit, vectors: "Vectors", parameters: list[int]
) -> None:
    update = pack_model(TINY, parameters, random_elements(TINY.update_blinders))
    with pytest.raises(StatementError, match=r"entries \[0"):
        prove(built, vectors | {"update": update, "public": [1, 7]}, DEADLINE)


def test_noise_towards_the_others_is_no_benefit(built: BuiltCircuit, vectors: "Vectors") -> None:
    """No step at all, and all of the noise where the others go."""
    noise = [NOISE_BOUND if value > 0 else 0 for value in REST]
    update = pack_model(TINY, noise, random_elements(TINY.update_blinders))
    with pytest.raises(StatementError, match=r"entries \[0"):
        prove(built, vectors | {"update": update, "public": [1, 7]}, DEADLINE)


def test_vectors_of_another_instance(built: BuiltCircuit, vectors: "Vectors") -> None:
    with pytest.raises(InputError, match="takes vectors of lengths"):
        prove(built, vectors | {"rest": vectors["rest"][:-1]}, DEADLINE)
