"""Build a circuit once a machine: keys, verifier and manifest, cached by content."""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zkfl.errors import ZkflError
from zkfl.zk_circuits import ezkl_calls
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import BuiltCircuit, CircuitFiles
from zkfl.zk_circuits.ezkl_calls import Point
from zkfl.zk_circuits.manifest import ArtefactHashes, Manifest, make_manifest
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.prover import compute_witness, proof_length, proof_points, run_prover
from zkfl.zk_circuits.settings_generation import generate_settings
from zkfl.zk_circuits.settings_policy import require_sound

_FORMAT = b"zkfl.build.v1"
_KEY_DIGITS = 16
_SELF_CHECK_SECONDS = 600.0


class BuildError(ZkflError):
    """A circuit could not be built, or what was built does not commit as it must."""


class CacheError(BuildError):
    """A cached build was changed after it was made."""


def build_circuit(definition: CircuitDefinition, srs: Path, cache: Path) -> BuiltCircuit:
    """Return a circuit, building it unless the cache holds it.

    A build proves once, so that a circuit whose proofs do not open with the commitments
    of its vectors, in the manifest's order, is never handed out.

    Parameters
    ----------
    definition
        The circuit.
    srs
        SRS file of exactly the circuit's logrows.
    cache
        Folder that builds share between processes; created if missing.

    Raises
    ------
    BuildError
        Settings are missing or the self-check fails.
    CacheError
        A cached file differs from its manifest.
    SettingsError
        The settings reopen a trap.
    EzklError
        A step of EZKL failed.
    """
    onnx = export_onnx(definition)
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / f"{definition.name}.lock"):
        settings = _settings(definition, onnx, cache)
        require_sound(json.loads(settings), definition)
        folder = cache / f"{definition.name}-{_key(definition, onnx, settings, srs)}"
        if not folder.is_dir():
            _build(definition, onnx, settings, CircuitFiles(folder, srs))
    return _load(definition, CircuitFiles(folder, srs))


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold an advisory lock, so that two processes do not build the same circuit."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _settings(definition: CircuitDefinition, onnx: bytes, cache: Path) -> bytes:
    """Return the committed settings, or for a benchmark those of its first build."""
    if definition.settings_path is not None:
        if not definition.settings_path.is_file():
            raise BuildError(
                f"{definition.settings_path} is missing: write it with "
                f"python -m zkfl.zk_circuits.regenerate_settings {definition.spec.name}"
            )
        return definition.settings_path.read_bytes()
    path = cache / f"{definition.name}-{hashlib.sha256(onnx).hexdigest()[:_KEY_DIGITS]}.json"
    if not path.is_file():
        path.write_bytes(generate_settings(definition, onnx))
    return path.read_bytes()


def _key(definition: CircuitDefinition, onnx: bytes, settings: bytes, srs: Path) -> str:
    # The description ends in the manifest, also where the graph does not depend on it.
    description = (definition.spec, definition.statement, definition.inputs, definition.outputs)
    said = (_FORMAT, ezkl_calls.VERSION.encode(), repr(description).encode())
    parts = (*said, onnx, settings, srs.read_bytes())
    digests = b"".join(hashlib.sha256(part).digest() for part in parts)
    return hashlib.sha256(digests).hexdigest()[:_KEY_DIGITS]


def _build(
    definition: CircuitDefinition, onnx: bytes, settings: bytes, target: CircuitFiles
) -> None:
    """Build in a sibling folder and rename it, so that no half build is ever seen."""
    folder = Path(tempfile.mkdtemp(prefix=".build-", dir=target.folder.parent))
    files = CircuitFiles(folder, target.srs)
    try:
        files.onnx.write_bytes(onnx)
        files.settings.write_bytes(settings)
        ezkl_calls.compile_circuit(files)
        ezkl_calls.set_up(files)
        ezkl_calls.write_verifier(files)
        files.manifest.write_bytes(_manifest(definition, files).canonical_json())
        folder.replace(target.folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _manifest(definition: CircuitDefinition, files: CircuitFiles) -> Manifest:
    return make_manifest(
        definition,
        _hashes(files),
        _single(ezkl_calls.commit(files, [0]), "the zero vector"),
        _self_check(definition, files),
        ezkl_calls.VERSION,
    )


def _hashes(files: CircuitFiles) -> ArtefactHashes:
    return ArtefactHashes(
        onnx=_sha256(files.onnx),
        settings=_sha256(files.settings),
        verifying_key=_sha256(files.verifying_key),
        verifier=_sha256(files.verifier),
        srs=_sha256(files.srs),
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _self_check(definition: CircuitDefinition, files: CircuitFiles) -> int:
    """Prove about vectors that are zero but for their last, free entry; return the bytes.

    Raises
    ------
    BuildError
        A point of the proof is not the commitment of its vector.
    """
    inputs = {
        tensor.name: [0] * (tensor.length - 1) + [place + 1]
        for place, tensor in enumerate(definition.inputs)
    }
    with tempfile.TemporaryDirectory(prefix="zkfl-check-") as folder:
        witness = compute_witness(definition, files.compiled, inputs, Path(folder))
        proof = run_prover(files, witness.path, _SELF_CHECK_SECONDS)
        points, length = proof_points(definition, proof), proof_length(proof)
    for name, vector in (inputs | witness.outputs).items():
        expected = _single(ezkl_calls.commit(files, vector), name)
        if points[name] != expected:
            raise BuildError(
                f"the point of {name} is not the commitment of its vector: {definition.name} "
                "takes more columns than its manifest says, or EZKL changed their order"
            )
    return length


def _single(points: list[Point], name: str) -> Point:
    if len(points) != 1:
        raise BuildError(f"{name} takes {len(points)} columns, the contract expects one")
    return points[0]


def _load(definition: CircuitDefinition, files: CircuitFiles) -> BuiltCircuit:
    manifest = Manifest.load(files.manifest)
    if manifest.hashes != _hashes(files):
        raise CacheError(
            f"{files.folder} differs from its manifest: a file was changed or damaged; "
            "delete the folder and build again"
        )
    return BuiltCircuit(definition, files, manifest)
