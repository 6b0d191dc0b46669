"""A proof through the hospital's queue against one on the node's own machine, in one run."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from threading import Thread

from bench.definitions import definition_of
from bench.honest_inputs import honest_inputs
from zkfl.cache import cache_folder
from zkfl.drills.small_hospital import SmallHospital
from zkfl.prover_queue.inputs import pack_inputs
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.prover import CircuitProver, prove

INSTANCES, REPEATS = ("tiny", "wdbc"), 3
QUICK_INSTANCES, QUICK_REPEATS = ("tiny",), 1
_KIND = "training"
_DEADLINE = 600.0
_KILO = 1_000


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Return a row a circuit; both ways take turns, so that other load hits them alike."""
    repeats = QUICK_REPEATS if quick else REPEATS
    for instance in QUICK_INSTANCES if quick else INSTANCES:
        definition = definition_of(instance, _KIND)
        srs = cached_demo_srs(definition.spec.logrows)
        circuit = build_circuit(definition, srs.path, cache_folder() / "circuits")
        yield _compared(circuit, repeats)


def _compared(circuit: BuiltCircuit, repeats: int) -> dict[str, object]:
    inputs = honest_inputs(circuit.definition)
    with tempfile.TemporaryDirectory() as name:
        hospital = SmallHospital.create(Path(name))
        with hospital.open():
            # one more than is measured: a worker reads its circuit with its first job
            worker = Thread(target=hospital.worker().work, args=(repeats + 1,), daemon=True)
            worker.start()
            queued = hospital.prover()
            _seconds(queued, circuit, inputs)
            pairs = [
                (_seconds(prove, circuit, inputs), _seconds(queued, circuit, inputs))
                for _ in range(repeats)
            ]
            worker.join()
    here, there = (median(column) for column in zip(*pairs, strict=True))
    sent = sum(map(len, pack_inputs(inputs).values()))
    return {
        "circuit": circuit.definition.name,
        "local_s": here,
        "queue_s": there,
        "queue_to_local_x": there / here,
        "sent_kB": sent / _KILO,
    }


def _seconds(prover: CircuitProver, circuit: BuiltCircuit, inputs: dict[str, list[int]]) -> float:
    begun = time.perf_counter()
    prover(circuit, inputs, _DEADLINE)
    return time.perf_counter() - begun
