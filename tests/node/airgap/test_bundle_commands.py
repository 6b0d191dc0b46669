"""``zkfl bundle``: a trip by the commands alone, and what they refuse."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def folders(site: "Site", tmp_path: Path) -> tuple[Path, Path]:
    """Return the consortium's folder, and one that bay was moved to."""
    mainland, island = site.workspace.root, tmp_path / "island"
    (island / "sites").mkdir(parents=True)
    shutil.move(mainland / "sites" / "bay", island / "sites")
    for name in ("consortium.json", "deployment.json"):
        shutil.copy(mainland / name, island)
    return mainland, island


@pytest.fixture
def asked(run_zkfl: Run, site: "Site", monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``zkfl bundle`` with ``--json``; return its status and what it says."""
    monkeypatch.setenv("ZKFL_RPC_URL", site.anvil.url)

    def run(*words: object) -> SimpleNamespace:
        done = run_zkfl("bundle", *words, "--json")
        said = json.loads(done.out)
        return SimpleNamespace(
            status=done.status, result=said["result"], error=said.get("error"), err=done.err
        )

    return run


def test_a_trip(site: "Site", folders: tuple[Path, Path], asked: Run, tmp_path: Path) -> None:
    mainland, island = folders
    inward, outward = tmp_path / "to-node.bundle", tmp_path / "to-relay.bundle"
    relay = asked("relay", mainland, "--member", "bay")
    assert relay.status == 0, relay.error
    here = (island, "--site", "bay")
    key = relay.result["relay_key"]
    assert asked("trust", *here, "--relay-key", key).result == {
        "relay_key": key,
        "earliest_block": 0,
    }

    exported = asked("export", mainland, inward)
    assert (exported.result["number"], exported.result["lacking"]) == (1, [])
    assert asked("show", inward).result["member"] == relay.result["member"]
    taken = asked("import", island, inward, "--site", "bay").result
    assert taken["artefacts"] == 1
    trusted = asked("trust", *here, "--relay-key", key)
    assert (trusted.result["earliest_block"], trusted.err) == (taken["block"], "")
    forgotten = asked("trust", *here, "--relay-key", key, "--forget-view")
    assert forgotten.result["earliest_block"] == 0
    assert f"WARNING: block {taken['block']}, the latest that was shown, is forgotten" in " ".join(
        forgotten.err.split()
    )
    assert asked("import", island, inward, "--site", "bay").status == 0

    signed = asked("export", island, outward, "--site", "bay")
    assert signed.status == 0, signed.error
    assert [entry["call"] for entry in signed.result["signed"]] == ["submitUpdate"]
    assert signed.result["unanswered"] == 0
    assert asked("show", outward).result["transactions"] == 1
    brought = asked("import", mainland, outward)
    assert [entry["state"] for entry in brought.result["transactions"]] == ["mined"]
    assert len(brought.result["stored"]) == 1
    registry = site.coordinator().registry
    assert registry.participation(1, relay.result["member"]).submitted

    again = asked("import", mainland, outward)
    assert [entry["state"] for entry in again.result["transactions"]] == ["mined before"]
    stale = asked("import", island, outward, "--site", "bay")
    assert (stale.status, stale.error["name"]) == (ExitCode.MISTRUST, "BundleRefusedError")


def test_a_refused_call_ends_with_the_contracts_reason(
    site: "Site", folders: tuple[Path, Path], asked: Run, tmp_path: Path
) -> None:
    mainland, island = folders
    file = tmp_path / "bundle"
    key = asked("relay", mainland, "--member", "bay").result["relay_key"]
    asked("trust", island, "--site", "bay", "--relay-key", key)
    asked("export", mainland, file)
    asked("import", island, file, "--site", "bay")
    assert asked("export", island, file, "--site", "bay").status == 0
    registry = site.registry(site.workspace.role("guardian"))
    registry.pause()
    refused = asked("import", mainland, file)
    assert (refused.status, refused.error["name"]) == (ExitCode.REFUSED, "BundleRejectedError")
    assert "EnforcedPause" in refused.error["message"]


def test_too_early_or_in_the_wrong_place(
    folders: tuple[Path, Path], asked: Run, tmp_path: Path
) -> None:
    mainland, island = folders
    file = tmp_path / "bundle"
    file.write_bytes(b"something")
    key = "77" * 32
    for words, status, message in (
        (("export", mainland, file), ExitCode.NOT_NOW, "run zkfl bundle relay there first"),
        (("import", island, file, "--site", "bay"), ExitCode.NOT_NOW, "trusts no relay yet"),
        (("export", island, file, "--site", "bay"), ExitCode.NOT_NOW, "trusts no relay yet"),
        (("export", island, file, "--site", "eve"), ExitCode.NOT_NOW, "no hospital 'eve'"),
        (("relay", mainland, "--member", "eve"), ExitCode.NOT_NOW, "0 members"),
        (("trust", island, "--site", "bay", "--relay-key", "x"), ExitCode.MISTRUST, "no relay's"),
        (("trust", island, "--site", "bay", "--relay-key", key), ExitCode.OK, ""),
        (("export", island, file, "--site", "bay"), ExitCode.NOT_NOW, "no bundle of the relay"),
        (("import", island, file, "--site", "bay"), ExitCode.INPUT, "is no bundle"),
        (("show", file), ExitCode.INPUT, "is no bundle"),
        (("show", tmp_path / "absent"), ExitCode.INPUT, "cannot be read"),
    ):
        done = asked(*words)
        assert done.status == status, (words, done.error)
        assert message in (done.error or {"message": ""})["message"]
    assert file.read_bytes() == b"something"
