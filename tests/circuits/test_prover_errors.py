"""The prover refuses what it cannot prove, and never waits for ever."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.zk_circuits.circuit_files import BuiltCircuit, CircuitFiles
from zkfl.zk_circuits.prover import (
    DeadlineError,
    InputError,
    InvalidProofError,
    ProverError,
    prove,
    read_points,
)

if TYPE_CHECKING:
    from conftest import Case

DEADLINE = 120.0


def test_a_vector_of_another_length_is_refused(training: BuiltCircuit, case: "Case") -> None:
    with pytest.raises(InputError, match="'data': 63"):
        prove(training, case.training(data=case.data[:-1]), DEADLINE)


def test_a_missing_vector_is_refused(training: BuiltCircuit, case: "Case") -> None:
    with pytest.raises(InputError, match="takes vectors of lengths"):
        prove(training, {"data": case.data}, DEADLINE)


def test_a_slow_prover_is_killed(training: BuiltCircuit, case: "Case") -> None:
    with pytest.raises(DeadlineError, match=r"no proof after 0\.01 s"):
        prove(training, case.training(), 0.01)


def test_a_damaged_proving_key_makes_no_proof(
    training: BuiltCircuit, case: "Case", tmp_path: Path
) -> None:
    for source in training.files.folder.iterdir():
        (tmp_path / source.name).symlink_to(source)
    key = tmp_path / "proving.key"
    key.unlink()
    key.write_bytes(training.files.proving_key.read_bytes()[:1000])
    files = CircuitFiles(tmp_path, training.files.srs)
    with pytest.raises(ProverError, match="the prover exited with"):
        prove(dataclasses.replace(training, files=files), case.training(), DEADLINE)


def test_a_proof_of_another_length_is_refused(training: BuiltCircuit, case: "Case") -> None:
    manifest = training.manifest.model_copy(update={"proof_length": 1})
    with pytest.raises(InvalidProofError, match="the manifest says 1"):
        prove(dataclasses.replace(training, manifest=manifest), case.training(), DEADLINE)


def test_a_short_proof_has_no_points(training: BuiltCircuit) -> None:
    with pytest.raises(InvalidProofError, match="cannot hold 6 points"):
        read_points(training.definition, bytes(383))


def test_a_proof_does_not_print_its_outputs(training: BuiltCircuit, case: "Case") -> None:
    proof = prove(training, case.training(), DEADLINE)
    assert "outputs" not in repr(proof)
