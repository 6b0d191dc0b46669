"""Seconds, memory, rows, keys, proofs and gas of each circuit."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.child import measure_in_child, peak_bytes_of_children
from bench.honest_inputs import honest_inputs
from bench.row_profile import row_profile
from zkfl.chain.anvil import running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_verifier, error_decoder
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits import ezkl_calls
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import Instance, bench_instance, get_instance
from zkfl.zk_circuits.prover import compute_witness, proof_bytes, run_prover

_COMMITTED = ("tiny", "heart", "wdbc")
_WIDE = {(64, 128): 15, (64, 512): 17}
"""Slots and features to logrows."""
_DEADLINE = 900.0
_CHAIN_ID = 31_337
_REPEATS = 3
_REPEATS_WIDE = 1


def measure(*, quick: bool) -> list[dict[str, object]]:
    """Measure admission and training of every instance; ``quick`` takes only ``tiny``."""
    names: list[tuple[str | int, ...]] = [(name,) for name in _COMMITTED[: 1 if quick else None]]
    if not quick:
        names += [(*shape, logrows) for shape, logrows in _WIDE.items()]
    rows = []
    for name in names:
        for kind in ("admission", "training"):
            print(f"  {name} {kind} …", file=sys.stderr, flush=True)
            rows.append(measure_in_child(measure_circuit, list(name), kind))
    return rows


def measure_circuit(instance: list[str | int], kind: str) -> dict[str, object]:
    """Build one circuit from nothing, prove it, verify it on a chain."""
    pair = _instance(instance)
    definition = pair.admission if kind == "admission" else pair.training
    repeats = _REPEATS if len(instance) == 1 else _REPEATS_WIDE
    srs = cached_demo_srs(definition.spec.logrows).path
    with tempfile.TemporaryDirectory() as folder:
        return measure_build(definition, srs, Path(folder), repeats)


def _instance(name: list[str | int]) -> Instance:
    if len(name) == 1:
        return get_instance(str(name[0]))
    slots, features, logrows = (int(part) for part in name)
    return bench_instance(slots, features, logrows)


def measure_build(
    definition: CircuitDefinition, srs: Path, folder: Path, repeats: int
) -> dict[str, object]:
    """Measure a definition in a folder of its own."""
    start = time.perf_counter()
    with row_profile() as profile:
        built = build_circuit(definition, srs, folder)
    build_seconds = time.perf_counter() - start
    spec, columns = definition.spec, definition.run_arguments.columns
    result: dict[str, object] = {
        "circuit": definition.name,
        "shard": f"{spec.slots}x{spec.features}",
        "cells": profile.total,
        "rows": -(-profile.total // columns),
        "logrows": spec.logrows,
        "columns": columns,
        "build_s": round(build_seconds, 1),
    }
    return (
        result
        | _proofs(built, folder, repeats)
        | _sizes(built)
        | _gas(built, folder)
        | {"cells_by_operation": profile.by_operation()}
    )


def _proofs(built: BuiltCircuit, folder: Path, repeats: int) -> dict[str, object]:
    inputs = honest_inputs(built.definition)
    witness_s, prove_s = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        witness = compute_witness(built.definition, built.files.compiled, inputs, folder)
        middle = time.perf_counter()
        run_prover(built.files, witness.path, _DEADLINE)
        witness_s.append(middle - start)
        prove_s.append(time.perf_counter() - middle)
    peak = peak_bytes_of_children()
    start = time.perf_counter()
    ezkl_calls.verify(built.files, folder / "proof.json")
    return {
        "witness_s": round(statistics.median(witness_s), 2),
        "prove_s": round(statistics.median(prove_s), 2),
        "verify_s": round(time.perf_counter() - start, 3),
        "peak_MB": peak // 1_000_000,
    }


def _sizes(built: BuiltCircuit) -> dict[str, object]:
    files = built.files
    return {
        "pk_MB": round(files.proving_key.stat().st_size / 1e6, 1),
        "vk_kB": round(files.verifying_key.stat().st_size / 1e3, 1),
        "proof_B": built.manifest.proof_length,
    }


def _gas(built: BuiltCircuit, folder: Path) -> dict[str, object]:
    """Deploy the verifier on a chain and let it verify the last proof."""
    verifier = compile_verifier(built.files.verifier)
    proof = proof_bytes(folder / "proof.json")
    with running_anvil(folder / "anvil.log", chain_id=_CHAIN_ID) as anvil:
        client = ChainClient(anvil.url, anvil.new_account(), _CHAIN_ID, decoder=error_decoder())
        deployed = client.deploy(verifier.abi, verifier.bytecode(), ())
        address = str(deployed.contract_address)
        code = client.w3.eth.get_code(client.w3.to_checksum_address(address))
        done = client.transact(address, verifier.abi, "verifyProof", proof, [])
    return {
        "verifier_B": len(code),
        "verifier_deploy_gas": deployed.gas_used,
        "verify_gas": done.gas_used,
    }
