"""The commands of the how-to page make machines that prove for a node."""

import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cache import cache_folder
from zkfl.field import random_elements
from zkfl.prover_queue.queued_prover import QueuedProver
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.layout import pack_data, pack_public

Run = Callable[..., SimpleNamespace]
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "prove-on-another-machine.md"
NODE = Path("consortium/sites/hospital-01/keys/prover")
ZKFL = [sys.executable, "-c", "from zkfl.cli.app import main; main()"]


def commands(heading: str, port: int) -> list[list[str]]:
    """Return the indented commands below a heading, on this machine."""
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    section = section.replace("queue.hospital.lan", "127.0.0.1").replace("8443", str(port))
    lines = [line[4:] for line in section.splitlines() if line.startswith("    zkfl ")]
    return [shlex.split(line)[1:] for line in lines]


@contextmanager
def running(words: list[str], folder: Path) -> Iterator[None]:
    with subprocess.Popen([*ZKFL, *words], cwd=folder) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            assert process.returncode in {0, 130}


@pytest.mark.timeout(240)
def test_the_commands_of_the_page_lead_to_a_proof(
    run_zkfl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    certificates, start = commands("Certificates", port), commands("Start", port)
    assert [len(certificates), len(start)] == [7, 2]
    for words in certificates:
        assert run_zkfl(*words).status == 0

    definition = get_instance("tiny").admission
    spec = definition.spec
    srs = cached_demo_srs(spec.logrows)
    circuit = build_circuit(definition, srs.path, cache_folder() / "circuits")
    rows = [[0] * spec.features, [spec.one // 4] * spec.features]
    inputs = {
        "data": pack_data(spec, rows, [0, 1], random_elements(spec.data_blinders)),
        "public": pack_public(len(rows), 1),
    }
    with ExitStack() as machines:
        for words in start:
            machines.enter_context(running(words, tmp_path))
        prover = QueuedProver(f"https://127.0.0.1:{port}", tmp_path / NODE)
        assert prover(circuit, inputs, 200.0).outputs.keys() == {"zeros"}
    assert list((tmp_path / "queue" / "jobs").iterdir()) == []
    assert not any((tmp_path / "worker" / "scratch").rglob("*.json"))
