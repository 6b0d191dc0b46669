"""Counts that are not the model's on the shard have no proof with zeros."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zkfl.chain.artefacts import MAX_RUNTIME_BYTES
from zkfl.chain.compile import compile_verifier
from zkfl.commitments import Committer
from zkfl.field import SCALAR_MODULUS, random_elements
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.evaluation import define
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.evaluation.reference import confusion_counts
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import StatementError, prove

if TYPE_CHECKING:
    from conftest import MakeSrs, Vectors

DEADLINE = 120.0
CONTEXT = 7
FEATURES = np.array([[300, 0, 0], [-300, 0, 0], [200, 5, 5], [-100, 1, 2], [50, 0, 9]])
LABELS = [1, 0, 0, 1, 1]
PARAMETERS = [1 << 49, 0, 0, 0]
COUNTS = ConfusionCounts(2, 1, 1, 1)


@pytest.fixture(scope="module")
def srs(make_srs: "MakeSrs") -> Path:
    return make_srs(TINY.logrows)


@pytest.fixture(scope="module")
def built(srs: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltCircuit:
    return build_circuit(define(TINY), srs, tmp_path_factory.mktemp("evaluation"))


@pytest.fixture(scope="module")
def vectors() -> "Vectors":
    data = pack_data(TINY, FEATURES, LABELS, random_elements(TINY.data_blinders))
    model = pack_model(TINY, PARAMETERS, random_elements(TINY.update_blinders))
    return {"data": data, "model": model, "public": pack_public(COUNTS.packed(), CONTEXT)}


def test_the_counts_are_what_the_records_say(vectors: "Vectors") -> None:
    assert confusion_counts(TINY, vectors["data"], vectors["model"]) == COUNTS


def test_the_proof_commits_to_what_the_contract_compares(
    built: BuiltCircuit, srs: Path, vectors: "Vectors"
) -> None:
    proof = prove(built, vectors, DEADLINE)
    committer = Committer(srs)
    assert list(proof.points) == ["data", "model", "public", "zeros"]
    for name, vector in vectors.items():
        assert proof.points[name] == tuple(committer.commit(vector)), name
    assert proof.points["zeros"] == tuple(committer.zero)
    assert valid_proofs(built, [proof.data]) == [True]


def test_a_lie_that_is_proven_all_the_same_shows_in_its_zeros(
    built: BuiltCircuit, srs: Path, vectors: "Vectors"
) -> None:
    """What the contract sees of a prover that does not stop at a wrong statement."""
    lie = pack_public(ConfusionCounts(3, 1, 0, 1).packed(), CONTEXT)
    proof = prove(built, vectors | {"public": lie}, DEADLINE, require_zeros=False)
    assert proof.points["zeros"] != tuple(Committer(srs).zero)


@pytest.mark.parametrize(
    "lie",
    [
        ConfusionCounts(3, 1, 1, 1),
        ConfusionCounts(2, 0, 1, 1),
        ConfusionCounts(3, 1, 0, 1),
        ConfusionCounts(2, 0, 1, 2),
        ConfusionCounts(2, 1, 1, 4),
        ConfusionCounts(0, 0, 0, 0),
    ],
    ids=[
        "one more true positive",
        "one false positive less",
        "a miss told as a hit",
        "a false alarm told as none",
        "unused slots counted",
        "nothing",
    ],
)
def test_other_counts(built: BuiltCircuit, vectors: "Vectors", lie: ConfusionCounts) -> None:
    _refused(built, vectors | {"public": pack_public(lie.packed(), CONTEXT)})


@pytest.mark.parametrize("place", range(len(LABELS)))
def test_a_flipped_label(built: BuiltCircuit, vectors: "Vectors", place: int) -> None:
    labels = [1 - y if i == place else y for i, y in enumerate(LABELS)]
    data = pack_data(TINY, FEATURES, labels, vectors["data"][-TINY.data_blinders :])
    _refused(built, vectors | {"data": data})


def test_another_model(built: BuiltCircuit, vectors: "Vectors") -> None:
    turned = pack_model(TINY, [-value for value in PARAMETERS])
    _refused(built, vectors | {"model": turned})


def test_a_model_that_is_a_unit_below_zero(built: BuiltCircuit, vectors: "Vectors") -> None:
    """One unit of 2^-49 decides: nothing is rounded away."""
    zero = pack_model(TINY, [0, 0, 0, 0])
    taken = pack_public(ConfusionCounts(3, 2, 0, 0).packed(), CONTEXT)
    prove(built, vectors | {"model": zero, "public": taken}, DEADLINE)
    below = pack_model(TINY, [0, 0, 0, -1])
    _refused(built, vectors | {"model": below, "public": taken})


def test_counts_that_wrap_the_field(built: BuiltCircuit, vectors: "Vectors") -> None:
    """A packed number that is the field's order more is not another number at all."""
    assert pack_public(COUNTS.packed() + SCALAR_MODULUS, CONTEXT)[0] == vectors["public"][0]
    half = (COUNTS.packed() * 2 + 1) * pow(2, -1, SCALAR_MODULUS) % SCALAR_MODULUS
    _refused(built, vectors | {"public": pack_public(half, CONTEXT)})


def test_the_verifier_can_be_deployed(built: BuiltCircuit) -> None:
    assert compile_verifier(built.files.verifier).runtime_size <= MAX_RUNTIME_BYTES


def _refused(built: BuiltCircuit, lie: "Vectors") -> None:
    with pytest.raises(StatementError, match=r"entries \[0\] of the zeros are not zero"):
        prove(built, lie, DEADLINE)
