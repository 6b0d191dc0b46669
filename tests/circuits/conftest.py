"""Circuits of the tiny instance, built once a session on an SRS of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zkfl.field import random_elements
from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import BuiltCircuit, CircuitFiles
from zkfl.zk_circuits.ezkl_calls import EzklError, compile_circuit, library, verify
from zkfl.zk_circuits.instances import Instance, get_instance
from zkfl.zk_circuits.integer_parts import Rescale
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public, pack_secrets
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.prover import compute_witness
from zkfl.zk_circuits.settings_generation import generate_settings
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_reference import training_update

Vectors = dict[str, list[int]]
Outputs = dict[str, list[int]]
MakeSrs = Callable[[int], Path]
Run = Callable[[Vectors], Outputs]
Graph = Callable[[], torch.nn.Module]
Forge = Callable[[BuiltCircuit, Graph, Vectors], bool]

NOISE_BOUND = 1 << 23
FORGERY_DEADLINE = 240.0
CONTEXT = 0x1234_5678_9ABC_DEF0 << 128


@dataclass(frozen=True)
class Case:
    """An honest shard, model and secrets of an instance."""

    spec: CircuitSpec
    data: list[int]
    model: list[int]
    secrets: list[int]
    count: int
    noise_bound: int = NOISE_BOUND

    def training(self, **changes: list[int]) -> Vectors:
        public = pack_public(NOISE_BOUND, CONTEXT)
        vectors = {"data": self.data, "model": self.model, "secrets": self.secrets}
        return vectors | {"public": public} | changes

    def benefit(self) -> Vectors:
        """The update of `training`, with the model in the place of the others' sum."""
        update, _ = training_update(self.spec, **self.training())
        public = pack_public(0, CONTEXT)
        return {"update": update, "rest": self.model, "bound": [NOISE_BOUND], "public": public}

    def admission(self, **changes: list[int]) -> Vectors:
        return {"data": self.data, "public": pack_public(self.count, CONTEXT)} | changes


def make_case(spec: CircuitSpec, seed: int = 0) -> Case:
    rng = np.random.default_rng(seed)
    count = spec.slots - 2
    limit = round(spec.norm_bound * spec.one / np.sqrt(spec.features))
    bound = min(limit, spec.feature_integer)
    features = rng.integers(-bound, bound + 1, (count, spec.features))
    labels = rng.integers(0, spec.model.class_count, count)
    data = pack_data(spec, features, labels, random_elements(spec.data_blinders))
    parameters = [int(value) for value in rng.integers(-(2**49), 2**49, spec.parameters)]
    noise = [int(v) for v in rng.integers(-NOISE_BOUND, NOISE_BOUND + 1, spec.parameters)]
    secrets = pack_secrets(
        spec, noise, random_elements(spec.update_blinders), random_elements(spec.own_blinders)
    )
    model = pack_model(spec, parameters, random_elements(spec.update_blinders))
    return Case(spec, data, model, secrets, count)


@pytest.fixture(scope="session")
def honest_case() -> Callable[[CircuitSpec], Case]:
    return make_case


@pytest.fixture(scope="session")
def runner() -> Callable[[CircuitDefinition, Path], Run]:
    return witness_runner


def witness_runner(definition: CircuitDefinition, folder: Path) -> Run:
    """Compile a circuit without keys and return its forward pass."""
    files = CircuitFiles(folder, folder / "no-srs")
    onnx = export_onnx(definition)
    files.onnx.write_bytes(onnx)
    if definition.settings_path is None:
        files.settings.write_bytes(generate_settings(definition, onnx))
    else:
        files.settings.write_bytes(definition.settings_path.read_bytes())
    compile_circuit(files)
    return lambda vectors: compute_witness(definition, files.compiled, vectors, folder).outputs


@pytest.fixture(scope="session")
def make_srs(tmp_path_factory: pytest.TempPathFactory) -> MakeSrs:
    folder = tmp_path_factory.mktemp("srs")

    def make(logrows: int) -> Path:
        path = folder / str(logrows)
        if not path.exists():
            library.gen_srs(str(path), logrows)
        return path

    return make


@pytest.fixture(scope="session")
def tiny() -> Instance:
    return get_instance("tiny")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def admission(tiny: Instance, make_srs: MakeSrs, cache: Path) -> BuiltCircuit:
    return build_circuit(tiny.admission, make_srs(tiny.spec.logrows), cache)


@pytest.fixture(scope="session")
def training(tiny: Instance, make_srs: MakeSrs, cache: Path) -> BuiltCircuit:
    return build_circuit(tiny.training, make_srs(tiny.spec.logrows), cache)


@pytest.fixture(scope="session")
def run_admission(tiny: Instance, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return witness_runner(tiny.admission, tmp_path_factory.mktemp("admission"))


@pytest.fixture(scope="session")
def run_training(tiny: Instance, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return witness_runner(tiny.training, tmp_path_factory.mktemp("training"))


@pytest.fixture
def case(tiny: Instance) -> Case:
    return make_case(tiny.spec)


@pytest.fixture(scope="session")
def wdbc() -> Instance:
    return get_instance("wdbc")


@pytest.fixture
def forged_verifies(tmp_path: Path) -> Forge:
    """Tell whether a graph's proof under the honest settings and keys of a circuit verifies."""

    def run(built: BuiltCircuit, graph: Graph, vectors: Vectors) -> bool:
        definition = replace(built.definition, module=graph)
        files = CircuitFiles(tmp_path, built.files.srs)
        files.settings.symlink_to(built.files.settings)
        files.verifying_key.symlink_to(built.files.verifying_key)
        files.proving_key.symlink_to(built.files.proving_key)
        files.onnx.write_bytes(export_onnx(definition))
        compile_circuit(files)
        witness = compute_witness(definition, files.compiled, vectors, tmp_path)
        return _unchecked_proof_verifies(files, witness.path)

    return run


def _unchecked_proof_verifies(files: CircuitFiles, witness: Path) -> bool:
    """A prover of values that no table holds never ends, so it gets a process and a deadline."""
    proof = files.folder / "proof.json"
    arguments = [witness, files.compiled, files.proving_key, proof, files.srs]
    child = [sys.executable, "-m", "zkfl.zk_circuits.prove_child", str(os.getpid())]
    command = [*child, *map(str, arguments)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=FORGERY_DEADLINE)
        return verify(files, proof)
    except (EzklError, subprocess.SubprocessError):
        return False


def _floor(values: IntArray, bits: int) -> IntArray:
    return np.asarray(values, dtype=np.int64) >> bits


def _ceiling(values: IntArray, bits: int) -> IntArray:
    return -_floor(-np.asarray(values, dtype=np.int64), bits)


def _either(values: IntArray, bits: int) -> IntArray:
    choice = np.random.default_rng(3).integers(0, 2, np.shape(values), dtype=np.int64)
    return _floor(values, bits) * choice + _ceiling(values, bits) * (1 - choice)


@pytest.fixture
def floor() -> Rescale:
    """Return the rescale of a prover that rounds down everywhere."""
    return _floor


@pytest.fixture
def ceiling() -> Rescale:
    """Return the rescale of a prover that rounds up everywhere."""
    return _ceiling


@pytest.fixture(params=[_floor, _ceiling, _either], ids=["floor", "ceiling", "either"])
def divide(request: pytest.FixtureRequest) -> Rescale:
    """Return every hostile rescale that EZKL proves."""
    return request.param  # type: ignore[no-any-return]
