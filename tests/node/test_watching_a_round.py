"""``zkfl status --watch`` shows each change of a round, and ends with it."""

import json
import threading
from typing import TYPE_CHECKING

import pytest

from zkfl.cli import output
from zkfl.cli.round_watch import watch_round

if TYPE_CHECKING:
    from conftest import Site


def test_it_ends_with_the_round_and_shows_how(
    site: "Site", capsys: pytest.CaptureFixture[str]
) -> None:
    registry = site.registry(site.workspace.role("aggregator"))
    watcher = threading.Thread(target=watch_round, args=(registry, 0.05))
    watcher.start()
    watcher.join(1.0)
    assert watcher.is_alive(), "the round is open"
    site.anvil.advance_time(site.consortium.submission_window + 1)
    site.registry(site.workspace.site("ada")).push_round(1)
    watcher.join(30)
    assert not watcher.is_alive()
    shown = [line for line in capsys.readouterr().out.splitlines() if line.startswith("round ")]
    assert [line.split()[2].rstrip(",") for line in shown] == ["OPEN", "FAILED"]


def test_as_json_the_last_state_remains(site: "Site", capsys: pytest.CaptureFixture[str]) -> None:
    registry = site.registry(site.workspace.role("aggregator"))
    output.start_output("status", as_json=True)
    watcher = threading.Thread(target=watch_round, args=(registry, 0.05))
    watcher.start()
    site.anvil.advance_time(site.consortium.submission_window + 1)
    site.registry(site.workspace.site("ada")).push_round(1)
    watcher.join(30)
    output.end_output()
    said = json.loads(capsys.readouterr().out)["result"]
    assert said["status"] == "FAILED"
    assert [entry["name"] for entry in said["hospitals"]] == ["ada", "bay", "cay"]
