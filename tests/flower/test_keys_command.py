"""``zkfl flower keys`` makes what a folder's parties lack, and says what; the rest stays."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.drills.small_consortium import CONSORTIUM
from zkfl.flower.files import FlowerFiles
from zkfl.founding import create_parties
from zkfl.workspace import Workspace

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "consortium")
    create_parties(workspace, CONSORTIUM, 1 << 12)
    return workspace


def made(run_zkfl: Run, workspace: Workspace, *words: str) -> list[str]:
    done = run_zkfl("flower", "keys", workspace.root, "--json", *words)
    assert done.status == 0, done.err
    return [one["what"].split(",")[0] for one in json.loads(done.out)["result"].get("made", [])]


def test_every_party_of_a_folder_gets_what_it_lacks_once(
    run_zkfl: Run, workspace: Workspace
) -> None:
    certificate = "certificate of the SuperLink"
    handshake = "secret between aggregator and SuperLink"
    nodes = [f"{name}: key of its node" for name in CONSORTIUM.hospitals]
    assert made(run_zkfl, workspace) == [handshake, certificate, *nodes]
    assert made(run_zkfl, workspace) == []
    assert made(run_zkfl, workspace, "--host", "zkfl.example.org") == [certificate]
    files = FlowerFiles(workspace)
    private = [files.node_key(name) for name in CONSORTIUM.hospitals]
    private += (workspace.role("aggregator") / "keys").glob("flower-*")
    assert len(private) == len(nodes) + 3
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_a_hospitals_folder_gets_its_own_key_alone(run_zkfl: Run, workspace: Workspace) -> None:
    own = CONSORTIUM.hospitals[1]
    alone = Workspace(workspace.root.parent / "alone")
    (alone.root / "sites").mkdir(parents=True)
    workspace.consortium.rename(alone.consortium)
    workspace.site(own).rename(alone.site(own))
    assert made(run_zkfl, alone) == [f"{own}: key of its node"]
    assert [path.name for path in FlowerFiles(alone).nodes.iterdir()] == [f"{own}.pub"]
    assert not FlowerFiles(alone).authority.exists()


def test_what_is_no_host_is_refused(run_zkfl: Run, workspace: Workspace) -> None:
    done = run_zkfl("flower", "keys", workspace.root, "--host", "two words")
    assert done.status == ExitCode.KEYS
    assert "'two words' is no host's name" in done.err


def test_a_link_without_certificates_says_what_is_missing(
    run_zkfl: Run, workspace: Workspace
) -> None:
    done = run_zkfl("flower", "link", workspace.root)
    assert done.status == ExitCode.INPUT
    assert "server.pem cannot be read" in done.err
