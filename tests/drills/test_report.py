"""What came of the drills, as a page and as JSON, and the names by which to ask for some."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from zkfl.drills.cells import Cell
from zkfl.drills.report import Report
from zkfl.drills.run import Result

CELL = Cell("submit", "anvil", "mined, not saved", "a block", "opened", lambda _: None)
DRILLS = partial(subprocess.run, capture_output=True, text=True, check=False)


def test_page_and_json_hold_what_went_right_and_what_did_not(tmp_path: Path) -> None:
    report = Report("scripts/drills submit", "2026-01-31")
    report.add(Result(CELL, "", ("train (RpcUnavailableError)",), 1.26))
    report.add(Result(CELL, "DrillFailedError: status: OPEN,\nexpected FINAL", (), 2.0))
    report.write(tmp_path / "drills.json", tmp_path / "drills.md")
    assert report.failed == 1

    page = (tmp_path / "drills.md").read_text()
    row = "| submit | anvil | mined, not saved | a block |"
    assert f"{row} `train (RpcUnavailableError)` | right |" in page
    wrong = "WRONG: DrillFailedError: status: OPEN, expected FINAL"
    assert f"{row} nothing | {wrong} |" in page
    assert "Made by `scripts/drills submit` on 2026-01-31" in page
    assert "1 of 2 rounds ended right." in page

    content = json.loads((tmp_path / "drills.json").read_text())
    assert content["format"] == "zkfl.fault-drills.v1"
    assert [(row["right"], row["seconds"]) for row in content["drills"]] == [
        (True, 1.3),
        (False, 2.0),
    ]


def test_what_ended_right_is_taken_over_and_the_rest_is_left(tmp_path: Path) -> None:
    other = replace(CELL, step="publish")
    first = Report("scripts/drills", "2026-01-31")
    first.add(Result(CELL, "", ("train (RpcUnavailableError)",), 1.0))
    first.add(Result(other, "DrillFailedError: status", (), 2.0))
    first.write(tmp_path / "drills.json", None)

    second = Report("scripts/drills --again", "2026-02-01")
    assert second.take_over(tmp_path / "drills.json", [CELL, other]) == [other]
    second.add(Result(other, "", (), 3.0))
    second.write(tmp_path / "drills.json", tmp_path / "drills.md")
    page = (tmp_path / "drills.md").read_text()
    assert "`train (RpcUnavailableError)` | right |" in page
    assert "Made by `scripts/drills, then scripts/drills --again` on 2026-02-01" in page
    assert "2 of 2 rounds ended right." in page


def test_names_are_listed_and_an_unknown_one_is_refused() -> None:
    listed = DRILLS([sys.executable, "-m", "zkfl.drills", "--list", "publish", "anvil"])
    assert listed.stdout.splitlines() == [
        "publish / anvil / mined and saved",
        "publish / anvil / mined, not saved",
    ]
    refused = DRILLS([sys.executable, "-m", "zkfl.drills", "publish", "nobody"])
    assert refused.returncode == 1
    assert "no drill is named publish and nobody" in refused.stderr
