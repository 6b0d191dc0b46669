"""One vector, one commitment, in every circuit: what the contract links proofs by."""

from typing import TYPE_CHECKING

from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.ezkl_calls import commit
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import prove

if TYPE_CHECKING:
    from conftest import Case

DEADLINE = 120.0


def test_a_shard_has_the_same_point_in_both_circuits(
    admission: BuiltCircuit, training: BuiltCircuit, case: "Case"
) -> None:
    admitted = prove(admission, case.admission(), DEADLINE)
    trained = prove(training, case.training(), DEADLINE)
    assert admitted.points["data"] == trained.points["data"]
    assert admitted.points["zeros"] == trained.points["zeros"] == admission.manifest.zero_point()
    assert training.manifest.zero_commitment == admission.manifest.zero_commitment


def test_every_point_is_the_commitment_of_its_vector(training: BuiltCircuit, case: "Case") -> None:
    inputs = case.training()
    proof = prove(training, inputs, DEADLINE)
    assert list(proof.points) == ["data", "model", "secrets", "public", "update", "zeros"]
    for name, vector in (inputs | proof.outputs).items():
        assert commit(training.files, vector) == [proof.points[name]]


def test_the_context_is_in_the_proof_though_no_constraint_uses_it(
    training: BuiltCircuit, case: "Case"
) -> None:
    here = prove(training, case.training(), DEADLINE)
    elsewhere = prove(training, case.training(public=pack_public(case.noise_bound, 1)), DEADLINE)
    assert here.points["public"] != elsewhere.points["public"]
    assert here.points["update"] == elsewhere.points["update"]


def test_blinders_change_a_commitment_and_nothing_else(
    admission: BuiltCircuit, case: "Case"
) -> None:
    other = [*case.data[:-1], (case.data[-1] + 1)]
    first = prove(admission, case.admission(), DEADLINE)
    second = prove(admission, case.admission(data=other), DEADLINE)
    assert first.points["data"] != second.points["data"]
    assert first.outputs == second.outputs
