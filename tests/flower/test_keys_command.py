"""``zkfl flower keys`` makes what a folder's parties lack, and says what; the rest stays."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.drills.small_consortium import CONSORTIUM
from zkfl.flower.certificates import load_private_key
from zkfl.flower.files import FlowerFiles
from zkfl.founding import create_parties
from zkfl.workspace import Workspace

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-with-flower.md"
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


def test_the_folder_of_a_superlink_alone_is_enough_for_it_and_has_no_other_key(
    run_zkfl: Run, workspace: Workspace, tmp_path: Path
) -> None:
    made(run_zkfl, workspace)
    [lines] = re.findall(
        r"^    umask 077;.*?(?=^    chown)", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    link = tmp_path / "link"
    lines = lines.replace("/srv/zkfl-link", str(link))
    lines = lines.replace("/srv/zkfl/consortium", str(workspace.root))
    subprocess.run(["/bin/sh", "-e", "-c", lines], check=True)
    files, own = FlowerFiles(Workspace(link)), FlowerFiles(workspace)
    assert files.certificates.require_valid() == own.certificates.require_valid()
    assert files.runtime_secret() == own.runtime_secret()
    load_private_key(files.certificates.server_key)
    assert sorted(path.name for path in link.rglob("*") if path.is_file()) == [
        "ca.pem",
        "flower-runtime.secret",
        "flower-server.key",
        "server.pem",
    ]


def test_a_link_without_certificates_says_what_is_missing(
    run_zkfl: Run, workspace: Workspace
) -> None:
    done = run_zkfl("flower", "link", workspace.root)
    assert done.status == ExitCode.INPUT
    assert "server.pem cannot be read" in done.err
