"""A logit that is not the model's on the record has no proof with zeros."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.artefacts import MAX_RUNTIME_BYTES
from zkfl.chain.compile import compile_verifier
from zkfl.commitments import Committer
from zkfl.field import SCALAR_MODULUS, random_elements
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.ezkl_calls import EzklError
from zkfl.zk_circuits.inference import define
from zkfl.zk_circuits.inference.layout import fresh_blinders, pack_record
from zkfl.zk_circuits.inference.reference import inferred_logit
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_model, pack_public
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import StatementError, prove

if TYPE_CHECKING:
    from conftest import MakeSrs, Vectors

DEADLINE = 120.0
CONTEXT = 7
FEATURES = [300, -40, 7]
PARAMETERS = [1 << 49, 3 << 47, -(5 << 44), -(1 << 46)]
ABOVE, BELOW = TINY.features + 1, TINY.features + 2
"""Places of the zeros that hold the logit from both sides."""


@pytest.fixture(scope="module")
def srs(make_srs: "MakeSrs") -> Path:
    return make_srs(TINY.logrows)


@pytest.fixture(scope="module")
def built(srs: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltCircuit:
    return build_circuit(define(TINY), srs, tmp_path_factory.mktemp("inference"))


@pytest.fixture(scope="module")
def vectors() -> "Vectors":
    record = pack_record(TINY, FEATURES, fresh_blinders())
    model = pack_model(TINY, PARAMETERS, random_elements(TINY.update_blinders))
    logit = inferred_logit(TINY, record, model)
    return {"record": record, "model": model, "public": pack_public(logit, CONTEXT)}


def test_the_proof_commits_to_what_is_compared(
    built: BuiltCircuit, srs: Path, vectors: "Vectors"
) -> None:
    proof = prove(built, vectors, DEADLINE)
    committer = Committer(srs)
    assert list(proof.points) == ["record", "model", "public", "zeros"]
    for name, vector in vectors.items():
        assert proof.points[name] == tuple(committer.commit(vector)), name
    assert proof.points["zeros"] == tuple(committer.zero)
    assert valid_proofs(built, [proof.data]) == [True]


def test_a_lie_that_is_proven_all_the_same_shows_in_its_zeros(
    built: BuiltCircuit, srs: Path, vectors: "Vectors"
) -> None:
    """What a verifier sees of a prover that does not stop at a wrong statement."""
    lie = pack_public(vectors["public"][0] + 1, CONTEXT)
    proof = prove(built, vectors | {"public": lie}, DEADLINE, require_zeros=False)
    assert proof.points["zeros"] != tuple(Committer(srs).zero)


@pytest.mark.parametrize(("aside", "place"), [(1, ABOVE), (-1, BELOW), (200, ABOVE), (-200, BELOW)])
def test_another_logit(built: BuiltCircuit, vectors: "Vectors", aside: int, place: int) -> None:
    lie = pack_public(vectors["public"][0] + aside, CONTEXT)
    _refused(built, vectors | {"public": lie}, [place])


def test_the_other_class(built: BuiltCircuit, vectors: "Vectors") -> None:
    assert vectors["public"][0] < SCALAR_MODULUS // 2, "the class is 1"
    _refused(built, vectors | {"public": pack_public(-1, CONTEXT)}, [BELOW])


def test_half_a_unit_more_has_a_proof_and_is_no_number_of_64_bits(
    built: BuiltCircuit, vectors: "Vectors"
) -> None:
    """Why the contract takes an int64, and no field element: this one is as true as the logit."""
    half = (2 * vectors["public"][0] + 1) * pow(2, -1, SCALAR_MODULUS) % SCALAR_MODULUS
    made = prove(built, vectors | {"public": pack_public(half, CONTEXT)}, DEADLINE)
    assert made.outputs["zeros"] == [0] * (TINY.features + 3)
    assert (1 << 63) < half < SCALAR_MODULUS - (1 << 63)


def test_another_model(built: BuiltCircuit, vectors: "Vectors") -> None:
    turned = pack_model(TINY, [-value for value in PARAMETERS])
    _refused(built, vectors | {"model": turned}, [ABOVE])


def test_another_record(built: BuiltCircuit, vectors: "Vectors") -> None:
    other = pack_record(TINY, [-300, -40, 7], vectors["record"][TINY.features :])
    _refused(built, vectors | {"record": other}, [ABOVE])


@pytest.mark.parametrize(
    ("features", "places"),
    [
        ([TINY.feature_integer + 1, 0, 0], [0]),
        ([0, 0, -TINY.feature_integer - 1], [2]),
        ([1000, 1000, 1000], [TINY.features]),
    ],
    ids=["a feature above its bound", "one below", "a norm above its bound"],
)
def test_a_record_that_nobody_could_admit(
    built: BuiltCircuit, vectors: "Vectors", features: list[int], places: list[int]
) -> None:
    record = pack_record(TINY, features, fresh_blinders())
    logit = inferred_logit(TINY, record, vectors["model"])
    public = pack_public(logit, CONTEXT)
    _refused(built, vectors | {"record": record, "public": public}, places)


def test_a_feature_that_wraps_the_field(built: BuiltCircuit, vectors: "Vectors") -> None:
    record = pack_record(TINY, FEATURES, fresh_blinders())
    record[0] = pow(2, -1, SCALAR_MODULUS)
    with pytest.raises((StatementError, EzklError)):
        prove(built, vectors | {"record": record}, DEADLINE)


def test_the_verifier_can_be_deployed(built: BuiltCircuit) -> None:
    assert compile_verifier(built.files.verifier).runtime_size <= MAX_RUNTIME_BYTES


def _refused(built: BuiltCircuit, lie: "Vectors", places: list[int]) -> None:
    with pytest.raises(StatementError) as refused:
        prove(built, lie, DEADLINE)
    assert f"entries {places} of the zeros are not zero" in str(refused.value)
