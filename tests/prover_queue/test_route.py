"""A party's settings say where its proofs are made, and preflight whether that place is ready."""

import subprocess
import sys
from pathlib import Path

import pytest

from zkfl.drills.small_hospital import SmallHospital
from zkfl.party_config import PartyConfig
from zkfl.preflight.findings import Level
from zkfl.preflight.prover import prover_finding
from zkfl.prover_queue.queued_prover import QueuedProver
from zkfl.prover_queue.route import CERTIFICATE_FOLDER, prover_of
from zkfl.zk_circuits.prover import prove


def test_the_machine_of_the_queue_needs_nothing_that_proves() -> None:
    program = (
        "import sys, zkfl.cli.prover_serving, zkfl.prover_queue.certificates\n"
        "print(sorted({'torch', 'ezkl', 'onnx'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_by_default_proofs_are_made_here(tmp_path: Path) -> None:
    assert prover_of(tmp_path, PartyConfig()) is prove
    assert prover_finding(tmp_path).name == "memory"


def test_a_url_sends_them_to_the_queue_with_the_certificate_of_the_party(tmp_path: Path) -> None:
    url = "https://queue.lan:8443"
    config = PartyConfig(prover=url)
    assert prover_of(tmp_path, config) == QueuedProver(url, tmp_path / CERTIFICATE_FOLDER)


@pytest.fixture
def party(running: SmallHospital, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A party's folder that names the running queue."""
    monkeypatch.delenv("ZKFL_PROVER", raising=False)
    home = running.root / "party"
    (home / "keys").mkdir(parents=True)
    running.folder("node").root.rename(home / CERTIFICATE_FOLDER)
    (home / "party.toml").write_text(f'prover = "{running.url}"')
    (home / "party.toml").chmod(0o600)
    return home


def test_a_queue_without_workers_is_a_warning(party: Path) -> None:
    finding = prover_finding(party)
    assert (finding.name, finding.level) == ("prover", Level.WARN)
    assert "0 workers, 0 jobs waiting: nobody asked for work lately" in finding.detail


def test_a_queue_with_a_worker_is_in_order(running: SmallHospital, party: Path) -> None:
    running.connection("worker").ask("POST", "/v1/leases")
    finding = prover_finding(party)
    assert (finding.level, finding.remedy) == (Level.OK, "")
    assert "1 workers, 0 jobs waiting" in finding.detail


def test_a_queue_that_this_party_cannot_reach_is_a_failure(party: Path) -> None:
    (party / CERTIFICATE_FOLDER / "server.pem").unlink()
    finding = prover_finding(party)
    assert finding.level is Level.FAIL
    assert "run zkfl prover trust" in finding.detail
