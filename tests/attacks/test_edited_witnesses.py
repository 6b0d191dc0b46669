"""A witness file is no authority: a prover who edits it proves the true outputs or nothing."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.field import SCALAR_MODULUS, to_ezkl_hex
from zkfl.zk_circuits.prover import ProverError, compute_witness, read_points, run_prover
from zkfl.zk_circuits.spec import DITHER_BITS

if TYPE_CHECKING:
    from conftest import Arena, Vectors

Refused = Callable[[str], AbstractContextManager[Any]]
Edit = Callable[[dict[str, Any]], None]

UPDATE, ZEROS = 0, 1
FAR_TOO_LOUD = 10 << DITHER_BITS


def prove_edited(arena: "Arena", inputs: "Vectors", folder: Path, edit: Edit) -> bytes:
    circuit = arena.circuits.training
    witness = compute_witness(circuit.definition, circuit.files.compiled, inputs, folder)
    content = json.loads(witness.path.read_text())
    edit(content)
    witness.path.write_text(json.dumps(content))
    proof = json.loads(run_prover(circuit.files, witness.path, 60.0).read_text())
    return bytes.fromhex(proof["hex_proof"].removeprefix("0x"))


def scale_update(content: dict[str, Any]) -> None:
    content["outputs"][UPDATE][:4] = to_ezkl_hex([1 << 20] * 4)


def lengthen_update(content: dict[str, Any]) -> None:
    content["outputs"][UPDATE] += to_ezkl_hex([9, 9])


def drop_outputs(content: dict[str, Any]) -> None:
    content["outputs"] = []


@pytest.mark.parametrize("edit", [scale_update, lengthen_update, drop_outputs])
def test_another_update_in_the_file(edit: Edit, arena: "Arena", tmp_path: Path) -> None:
    proof = prove_edited(arena, arena.training_inputs("ada"), tmp_path, edit)
    point = read_points(arena.circuits.training.definition, proof)["update"]
    assert point == tuple(arena.committer.commit(arena.honest_update("ada")))


def test_zeros_in_the_file_where_there_are_none(
    arena: "Arena", tmp_path: Path, refused: Refused
) -> None:
    def clear_zeros(content: dict[str, Any]) -> None:
        content["outputs"][ZEROS] = to_ezkl_hex([0] * len(content["outputs"][ZEROS]))

    secrets = [FAR_TOO_LOUD, *arena.secrets("ada")[1:]]
    inputs = arena.training_inputs("ada", secrets=secrets)
    proof = prove_edited(arena, inputs, tmp_path, clear_zeros)
    with refused("ZeroCommitmentMismatch"):
        arena.send("ada", proof)


def test_inputs_that_do_not_fit(arena: "Arena", tmp_path: Path) -> None:
    def lengthen_secrets(content: dict[str, Any]) -> None:
        content["inputs"][2] += to_ezkl_hex([9])

    with pytest.raises(ProverError, match="synthesis error"):
        prove_edited(arena, arena.training_inputs("ada"), tmp_path, lengthen_secrets)


def test_an_input_above_the_modulus(arena: "Arena", tmp_path: Path) -> None:
    def alias(content: dict[str, Any]) -> None:
        content["inputs"][0][0] = (SCALAR_MODULUS + 1).to_bytes(32, "little").hex()

    with pytest.raises(ProverError, match="don't encode a valid field element"):
        prove_edited(arena, arena.training_inputs("ada"), tmp_path, alias)
