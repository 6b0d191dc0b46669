"""A proof made by a worker is the node's own, and nothing of its witness stays anywhere."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.commitments import Committer
from zkfl.drills.small_hospital import SmallHospital
from zkfl.logs.events import Event, Sink, set_sinks
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.proof_check import valid_proofs

if TYPE_CHECKING:
    from conftest import Inputs

DEADLINE = 300.0
Aside = Callable[[Callable[[], object]], object]


def files_with(root: Path, needle: bytes) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and needle in path.read_bytes()]


@pytest.mark.timeout(180)
def test_a_worker_proves_for_the_node_and_forgets(
    running: SmallHospital, circuit: BuiltCircuit, inputs: "Inputs", aside: Aside, tmp_path: Path
) -> None:
    events: list[Event] = []
    set_sinks([Sink(logging.DEBUG, events.append)])
    scratch = tmp_path / "node-scratch"
    scratch.mkdir()
    try:
        aside(lambda: running.worker().work(jobs=1))
        proof = running.prover()(circuit, inputs, DEADLINE, scratch=scratch)
    finally:
        set_sinks([])

    assert valid_proofs(circuit, [proof.data]) == [True]
    commit = Committer(circuit.files.srs).commit
    for name, vector in (inputs | proof.outputs).items():
        assert proof.points[name] == tuple(commit(vector))
    assert set(proof.outputs["zeros"]) == {0}
    # a blinder is as secret as a record, and unlike a record it stands nowhere by chance
    secret = inputs["data"][-1].to_bytes(32, "big")
    for needle in (secret, secret.hex().encode(), secret[::-1].hex().encode()):
        assert files_with(tmp_path, needle) == []
        assert needle.decode(errors="replace") not in repr(events) + repr(running.lines)
    assert list((tmp_path / "queue" / "jobs").iterdir()) == []
    assert list(scratch.iterdir()) == []
    assert not any(running.folder("worker").scratch.rglob("*.json"))
    assert any(event["event"] == "job proven" for event in events)
