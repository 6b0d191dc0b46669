"""Verifies proofs that somebody else made, from the bytes that the contract takes."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.prover import ProverError
from zkfl.zk_circuits.verify_child import INVALID, VALID

DEADLINE_SECONDS = 60.0
"""For one process; a proof takes a hundredth of a second, starting EZKL one or two."""


def valid_proofs(
    circuit: BuiltCircuit, proofs: Sequence[bytes], deadline_seconds: float = DEADLINE_SECONDS
) -> list[bool]:
    """Tell of each proof whether EZKL accepts it.

    The bytes are hostile: they are verified in a process of their own, and those on which it
    dies, or over which it does not end, are not valid.

    Parameters
    ----------
    circuit
        The circuit that the proofs are said to be of.
    proofs
        As the contract takes them.
    deadline_seconds
        After this a verifying process is killed.

    Raises
    ------
    ProverError
        A file of the circuit is missing, so that nothing can be said of any proof.
    """
    _require_files(circuit)
    verdicts: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="zkfl-check-") as name:
        paths = [_written(Path(name) / f"{i}.json", proof) for i, proof in enumerate(proofs)]
        while len(verdicts) < len(paths):
            told = _verdicts(circuit, paths[len(verdicts) :], deadline_seconds)
            # Where the process ended early, it ended over the proof after the last verdict.
            verdicts += told if len(verdicts) + len(told) == len(paths) else [*told, False]
    length = circuit.manifest.proof_length
    # EZKL reads no further than it has to; the contract takes one length.
    return [valid and len(proof) == length for valid, proof in zip(verdicts, proofs, strict=True)]


def _require_files(circuit: BuiltCircuit) -> None:
    files = circuit.files
    for path in (files.settings, files.verifying_key, files.srs):
        if not path.is_file():
            raise ProverError(f"{path} is missing, so no proof can be checked: build the circuit")


def _written(path: Path, proof: bytes) -> Path:
    """Write a proof file as EZKL does; it has no public instances."""
    content: dict[str, object] = {
        "protocol": None,
        "instances": [[]],
        "proof": list(proof),
        "hex_proof": "0x" + proof.hex(),
        "split": None,
        "pretty_public_inputs": None,
        "timestamp": None,
        "version": None,
    }
    path.write_text(json.dumps(content))
    return path


def _verdicts(circuit: BuiltCircuit, paths: Sequence[Path], deadline: float) -> list[bool]:
    files = circuit.files
    arguments = [files.settings, files.verifying_key, files.srs, *paths]
    child = [sys.executable, "-m", "zkfl.zk_circuits.verify_child", str(os.getpid())]
    command = [*child, *map(str, arguments)]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=deadline, check=False, process_group=0
        )
        output = done.stdout
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
    words = output.decode(errors="replace").split()[: len(paths)]
    return [word == VALID for word in words if word in {VALID, INVALID}]
