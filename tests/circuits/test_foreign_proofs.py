"""Proofs of others are hostile bytes: whatever they hold, the answer is yes or no."""

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.zk_circuits import proof_check
from zkfl.zk_circuits.circuit_files import BuiltCircuit, CircuitFiles
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import ProverError, prove

if TYPE_CHECKING:
    from conftest import Case


def flipped(proof: bytes, place: int) -> bytes:
    changed = bytearray(proof)
    changed[place] ^= 1
    return bytes(changed)


def test_a_valid_proof_and_what_is_none(training: BuiltCircuit, case: "Case") -> None:
    proof = prove(training, case.training(), 120.0).data
    hostile = [
        flipped(proof, 0),
        flipped(proof, 63),
        flipped(proof, len(proof) // 2),
        flipped(proof, len(proof) - 1),
        proof[:-1],
        proof + b"\0",
        b"",
        bytes(len(proof)),
        b"\xff" * len(proof),
        os.urandom(len(proof)),
    ]
    verdicts = valid_proofs(training, [proof, *hostile, proof])
    assert verdicts == [True, *(False for _ in hostile), True]


def test_of_no_proofs_nothing_is_said(training: BuiltCircuit) -> None:
    assert valid_proofs(training, []) == []


def test_what_never_ends_is_not_valid(training: BuiltCircuit) -> None:
    assert valid_proofs(training, [b"", b""], 0.001) == [False, False]


def test_a_proof_on_which_the_process_dies_spoils_no_other(
    training: BuiltCircuit, monkeypatch: pytest.MonkeyPatch, case: "Case"
) -> None:
    proof = prove(training, case.training(), 120.0).data
    honest = proof_check._verdicts  # noqa: SLF001 - nothing else lets a verifier die

    def dies_over_the_second(
        circuit: BuiltCircuit, paths: list[Path], deadline: float
    ) -> list[bool]:
        until = [path.stem for path in paths].index("1") if "1" in {p.stem for p in paths} else None
        return honest(circuit, paths[:until], deadline) if until != 0 else []

    monkeypatch.setattr(proof_check, "_verdicts", dies_over_the_second)
    assert valid_proofs(training, [proof, proof, proof]) == [True, False, True]


@pytest.mark.parametrize("name", ["settings", "verifying_key"])
def test_without_its_files_nothing_is_said(
    training: BuiltCircuit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setattr(CircuitFiles, name, property(lambda _: tmp_path / "missing"))
    with pytest.raises(ProverError, match="is missing, so no proof can be checked"):
        valid_proofs(dataclasses.replace(training), [b""])
