"""Seconds, memory, rows, keys, proofs and gas of each circuit."""

import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from bench.building import build, files_of
from bench.child import measure_in_child
from bench.clock import Seconds, columns, median_of, median_seconds
from bench.definitions import AFTERWARDS, COMMITTED, KINDS, WIDE, definition_of
from bench.honest_inputs import honest_inputs
from bench.proving import prove
from bench.verification_gas import verification_gas
from zkfl.zk_circuits import ezkl_calls
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import CircuitFiles
from zkfl.zk_circuits.prover import InvalidProofError, compute_witness, proof_bytes

REPEATS = 3
LARGE_LOGROWS = 16
"""From here on a circuit proves once."""


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Measure the circuits of every instance; ``quick`` takes only ``tiny``."""
    instances, repeats = (COMMITTED[:1], 1) if quick else ((*COMMITTED, *WIDE), REPEATS)
    chosen = [name for name in instances if name not in WIDE]
    for instance, kind in (*product(instances, KINDS), *product(chosen, AFTERWARDS)):
        yield measure_circuit(instance, kind, repeats)


def measure_circuit(instance: str, kind: str, repeats: int) -> dict[str, object]:
    """Build a circuit, prove (``repeats`` times if small), verify natively and on a chain."""
    definition = definition_of(instance, kind)
    spec = definition.spec
    print(f"  {definition.name} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="zkfl-bench-") as name:
        folder = Path(name)
        built = measure_in_child(build, instance, kind, name)
        files = files_of(definition, folder)
        result = {
            "circuit": definition.name,
            "shard": f"{spec.slots}x{spec.features}",
            "logrows": spec.logrows,
            "columns": definition.run_arguments.columns,
        }
        proofs = _proofs(definition, files, folder, repeats)
        gas = verification_gas(definition, files, folder)
        return result | built | proofs | _sizes(files, folder) | gas


def _proofs(
    definition: CircuitDefinition, files: CircuitFiles, folder: Path, wanted: int
) -> dict[str, object]:
    repeats = 1 if definition.spec.logrows >= LARGE_LOGROWS else wanted
    inputs = honest_inputs(definition)
    witness_seconds, witness = median_seconds(
        lambda: compute_witness(definition, files.compiled, inputs, folder), repeats
    )
    proof = folder / "proof.json"
    paths = [witness.path, files.compiled, files.proving_key, proof, files.srs]
    runs = [measure_in_child(prove, *map(str, paths)) for _ in range(repeats)]
    verify_seconds, valid = median_seconds(lambda: ezkl_calls.verify(files, proof), wanted)
    if not valid:
        raise InvalidProofError(f"the proof of {definition.name} does not verify")
    prove_seconds = median_of(list(map(Seconds, _numbers(runs, "wall"), _numbers(runs, "cpu"))))
    return {
        **columns("witness", witness_seconds, 3),
        **columns("prove", prove_seconds, 2),
        **columns("verify", verify_seconds, 4),
        "prove_MB": round(max(_numbers(runs, "peak")) / 1e6),
        "load": round(os.getloadavg()[0], 1),
    }


def _numbers(runs: list[dict[str, object]], name: str) -> list[float]:
    return [float(str(run[name])) for run in runs]


def _sizes(files: CircuitFiles, folder: Path) -> dict[str, object]:
    return {
        "pk_MB": round(files.proving_key.stat().st_size / 1e6, 1),
        "vk_kB": round(files.verifying_key.stat().st_size / 1e3, 1),
        "proof_B": len(proof_bytes(folder / "proof.json")),
    }
