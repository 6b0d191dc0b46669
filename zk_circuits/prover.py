"""Prove a statement about committed vectors, within a deadline."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from zkfl.errors import ZkflError
from zkfl.field import from_ezkl_hex, to_ezkl_hex
from zkfl.logs import logger
from zkfl.zk_circuits import ezkl_calls
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import BuiltCircuit, CircuitFiles
from zkfl.zk_circuits.ezkl_calls import Point

_log = logger("prover")
POINT_BYTES = 64
_COORDINATE_BYTES = 32
_ZEROS = "zeros"
_ERROR_TAIL = 400
_LOOK_SECONDS = 0.5
"""How often a running proof is asked whether it is still wanted."""

Vectors = Mapping[str, Sequence[int]]
Unwanted = Callable[[], bool]
"""Tells whether nobody waits for a proof any more."""


class ProverError(ZkflError):
    """No proof was made."""


class InputError(ProverError):
    """The vectors are not the circuit's inputs."""


class LookupRangeError(ProverError):
    """A value leaves a lookup table; EZKL's prover would never return."""


class StatementError(ProverError):
    """The statement is false for these vectors: an entry that must be zero is not."""


class DeadlineError(ProverError):
    """The prover took too long and was killed."""


class UnwantedProofError(ProverError):
    """Nobody waits for the proof any more; it was given up."""


class InvalidProofError(ProverError):
    """The prover's own proof does not verify."""


@dataclass(frozen=True)
class Proof:
    """A proof and what it commits to.

    Attributes
    ----------
    data
        The bytes for the verifier contract.
    points
        The commitment of each input and output, by name, in the order of the proof.
    outputs
        Field elements of each output. Secret, save for the zeros.
    """

    data: bytes
    points: dict[str, Point]
    outputs: dict[str, list[int]] = field(repr=False)


@dataclass(frozen=True)
class Witness:
    """What the circuit computes on given inputs; `outputs` as in `Proof`."""

    path: Path
    outputs: dict[str, list[int]] = field(repr=False)


class CircuitProver(Protocol):
    """Proves: in this process tree (`prove`), or elsewhere in the hospital."""

    def __call__(
        self,
        built: BuiltCircuit,
        inputs: Vectors,
        deadline_seconds: float,
        *,
        scratch: Path | None = None,
    ) -> Proof:
        """Return a verified proof whose points commit to the inputs and the outputs."""
        ...


def prove(  # noqa: PLR0913 - what a proof is about, and how it may be made
    built: BuiltCircuit,
    inputs: Vectors,
    deadline_seconds: float,
    *,
    require_zeros: bool = True,
    scratch: Path | None = None,
    unwanted: Unwanted = lambda: False,
) -> Proof:
    """Prove a circuit's statement about vectors, and verify the proof.

    Parameters
    ----------
    built
        The circuit.
    inputs
        Field elements by input name.
    deadline_seconds
        After this the proving process is killed.
    require_zeros
        False proves a statement that the contract will refuse; tests do.
    scratch
        Folder where inputs and witness lie in the clear while the proof is made; None for
        the system's temporary folder.
    unwanted
        Asked while the proof is made; True has it given up.

    Returns
    -------
    Proof
        Verified under the circuit's verifying key.

    Raises
    ------
    InputError
        A vector is missing, unknown or of another length.
    EzklError
        A value is beyond the circuit's range checks.
    LookupRangeError
        A value leaves a lookup table.
    StatementError
        An entry that must be zero is not.
    DeadlineError
        The deadline passed.
    UnwantedProofError
        `unwanted` said so.
    ProverError
        The proving process failed.
    InvalidProofError
        The proof does not verify.
    """
    with tempfile.TemporaryDirectory(prefix="zkfl-proof-", dir=scratch) as name:
        folder = Path(name)
        witness = compute_witness(built.definition, built.files.compiled, inputs, folder)
        if require_zeros:
            require_zero_entries(witness)
        path = run_prover(built.files, witness.path, deadline_seconds, unwanted)
        data = proof_bytes(path)
    require_length(built, data)
    return Proof(data, read_points(built.definition, data), witness.outputs)


def require_length(built: BuiltCircuit, proof: bytes) -> None:
    """Raise `InvalidProofError` unless a proof has the one length of its circuit's proofs."""
    if len(proof) != built.manifest.proof_length:
        raise InvalidProofError(
            f"the proof has {len(proof)} bytes, the manifest says {built.manifest.proof_length}"
        )


def compute_witness(
    definition: CircuitDefinition, compiled: Path, inputs: Vectors, folder: Path
) -> Witness:
    """Run the forward pass and check that a prover could finish.

    Parameters
    ----------
    definition
        The circuit.
    compiled
        Its compiled graph.
    inputs
        Field elements by input name.
    folder
        Private folder for files that hold the inputs in the clear.

    Raises
    ------
    InputError, EzklError, LookupRangeError
        As in `prove`.
    """
    _require_inputs(definition, inputs)
    request, output = folder / "input.json", folder / "witness.json"
    columns = [to_ezkl_hex(inputs[tensor.name]) for tensor in definition.inputs]
    request.write_text(json.dumps({"input_data": columns}))
    raw = ezkl_calls.make_witness(compiled, request, output)
    _require_lookups(definition, raw)
    names = [tensor.name for tensor in definition.outputs]
    values = [[from_ezkl_hex(entry) for entry in column] for column in raw["outputs"]]
    return Witness(output, dict(zip(names, values, strict=True)))


def run_prover(
    files: CircuitFiles,
    witness: Path,
    deadline_seconds: float,
    unwanted: Unwanted = lambda: False,
) -> Path:
    """Prove in a child process and verify; return the proof file beside the witness."""
    proof = witness.with_name("proof.json")
    arguments = [witness, files.compiled, files.proving_key, proof, files.srs]
    child = [sys.executable, "-m", "zkfl.zk_circuits.prove_child", str(os.getpid())]
    command = [*child, *map(str, arguments)]
    _log.debug("proof begun", circuit=files.folder.name, deadline_seconds=deadline_seconds)
    begun = time.monotonic()
    status, errors = _run_within(command, deadline_seconds, unwanted)
    seconds = round(time.monotonic() - begun, 1)
    _log.info("proof ended", circuit=files.folder.name, seconds=seconds, status=status)
    if status != 0 or not proof.is_file():
        tail = errors.decode(errors="replace")[-_ERROR_TAIL:]
        raise ProverError(f"the prover exited with {status}: {tail}")
    if not ezkl_calls.verify(files, proof):
        raise InvalidProofError(
            "the proof does not verify: the proving key may be damaged; build the circuit again"
        )
    return proof


def _run_within(
    command: Sequence[str], deadline_seconds: float, unwanted: Unwanted
) -> tuple[int, bytes]:
    """Run a command; return its status and standard error. It never outlives this call."""
    pipe = subprocess.PIPE
    # In a group of its own, a Ctrl-C that asks a node to stop after its turn spoils no proof.
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, process_group=0) as child:
        try:
            errors = _errors_within(child, deadline_seconds, unwanted)
        except BaseException:
            child.kill()
            raise
    return child.returncode, errors


def _errors_within(
    child: subprocess.Popen[bytes], deadline_seconds: float, unwanted: Unwanted
) -> bytes:
    end = time.monotonic() + deadline_seconds
    while (left := end - time.monotonic()) > 0:
        try:
            return child.communicate(timeout=min(_LOOK_SECONDS, left))[1]
        except subprocess.TimeoutExpired:
            if unwanted():
                raise UnwantedProofError(
                    "the proof was given up: nobody waits for it any more"
                ) from None
    raise DeadlineError(
        f"no proof after {deadline_seconds} s: the machine is too slow or busy; raise the "
        "deadline if the round allows it"
    )


def read_points(definition: CircuitDefinition, proof: bytes) -> dict[str, Point]:
    """Return the commitments at the start of a proof, by tensor name.

    Raises
    ------
    InvalidProofError
        The proof is too short to hold them.
    """
    tensors = definition.inputs + definition.outputs
    if len(proof) < len(tensors) * POINT_BYTES:
        raise InvalidProofError(f"a proof of {len(proof)} bytes cannot hold {len(tensors)} points")
    return {
        tensor.name: _point(proof[i * POINT_BYTES : (i + 1) * POINT_BYTES])
        for i, tensor in enumerate(tensors)
    }


def _point(encoded: bytes) -> Point:
    x, y = encoded[:_COORDINATE_BYTES], encoded[_COORDINATE_BYTES:]
    return int.from_bytes(x, "big"), int.from_bytes(y, "big")


def proof_bytes(path: Path) -> bytes:
    """Return the proof in a proof file, as the contract takes it."""
    text: str = json.loads(path.read_text())["hex_proof"]
    return bytes.fromhex(text.removeprefix("0x"))


def proof_length(path: Path) -> int:
    """Return the number of bytes of the proof in a proof file."""
    return len(proof_bytes(path))


def proof_points(definition: CircuitDefinition, path: Path) -> dict[str, Point]:
    """Return the commitments in a proof file."""
    return read_points(definition, proof_bytes(path))


def _require_inputs(definition: CircuitDefinition, inputs: Vectors) -> None:
    expected = {tensor.name: tensor.length for tensor in definition.inputs}
    actual = {name: len(vector) for name, vector in inputs.items()}
    if actual != expected:
        raise InputError(
            f"{definition.name} takes vectors of lengths {expected}, got {actual}: "
            "were they laid out for another instance?"
        )


def _require_lookups(definition: CircuitDefinition, witness: Mapping[str, Any]) -> None:
    bound = definition.run_arguments.lookup_bound
    low, high = int(witness["min_lookup_inputs"]), int(witness["max_lookup_inputs"])
    if low < -bound or high > bound:
        raise LookupRangeError(
            f"a lookup would need [{low}, {high}], the table covers +-{bound}: a feature is out "
            "of range; was the shard preprocessed for this instance?"
        )


def require_zero_entries(witness: Witness) -> None:
    """Raise `StatementError` unless every entry that the circuit asserts is zero."""
    wrong = [i for i, value in enumerate(witness.outputs[_ZEROS]) if value != 0]
    if wrong:
        raise StatementError(
            f"entries {wrong[:8]} of the zeros are not zero ({len(wrong)} in all): the shard, "
            "the update or the noise breaks a bound, so the contract would refuse the proof"
        )
