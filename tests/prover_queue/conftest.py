"""A hospital's queue with real TLS on this machine, its node and workers, and real tiny proofs."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from zkfl.cache import cache_folder
from zkfl.drills.small_hospital import SmallHospital
from zkfl.field import random_elements
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.layout import pack_data, pack_public
from zkfl.zk_circuits.prover import prove

DEADLINE = 300.0
Inputs = dict[str, list[int]]


def make_inputs(context: int = 77) -> Inputs:
    spec = get_instance("tiny").spec
    rng, count = np.random.default_rng(0), spec.slots - 2
    features = rng.integers(-spec.one // 2, spec.one // 2, (count, spec.features))
    labels = rng.integers(0, 2, count)
    data = pack_data(spec, features, labels, random_elements(spec.data_blinders))
    return {"data": data, "public": pack_public(count, context)}


@pytest.fixture(scope="session")
def circuit() -> BuiltCircuit:
    definition = get_instance("tiny").admission
    srs = cached_demo_srs(definition.spec.logrows)
    return build_circuit(definition, srs.path, cache_folder() / "circuits")


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    return make_inputs()


@pytest.fixture(scope="session")
def other_proof(circuit: BuiltCircuit) -> bytes:
    """A proof that holds, of other inputs of the same circuit."""
    return prove(circuit, make_inputs(), DEADLINE).data


@pytest.fixture
def hospital(tmp_path: Path) -> SmallHospital:
    return SmallHospital.create(tmp_path)


@pytest.fixture
def running(hospital: SmallHospital) -> Iterator[SmallHospital]:
    """The same with its queue open."""
    with hospital.open():
        yield hospital


@pytest.fixture
def aside() -> Iterator[Callable[[Callable[[], object]], threading.Thread]]:
    """Run something beside the test, and wait for it at the end."""
    threads: list[threading.Thread] = []

    def run(work: Callable[[], object]) -> threading.Thread:
        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()
        return threads[-1]

    yield run
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
