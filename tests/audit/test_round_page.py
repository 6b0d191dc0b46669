"""The page of a round's states says what the contract's test holds the contract to."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from zkfl.audit.round_page import PAGE, STATUSES, VECTORS, pages
from zkfl.chain.states import RoundStatus

ROOT = Path(__file__).parents[2]
INTERFACES = ROOT / "contracts" / "src" / "interfaces"


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / VECTORS).read_text())
    return loaded


def test_the_page_is_made_from_the_table() -> None:
    assert (ROOT / PAGE).read_text() == pages(ROOT)[PAGE]


def test_a_changed_table_changes_the_page(tmp_path: Path, table: dict[str, Any]) -> None:
    for path in (VECTORS, PAGE):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text((ROOT / path).read_text())
    table["situations"][1]["calls"]["submitUpdate"]["inTime"] = "Closed"
    (tmp_path / VECTORS).write_text(json.dumps(table))
    assert "Open --> Closed: submitUpdate" in pages(tmp_path)[PAGE]


def test_every_status_has_a_situation(table: dict[str, Any]) -> None:
    assert {situation["status"] for situation in table["situations"]} == set(STATUSES)
    assert [status.name.lower() for status in RoundStatus] == [name.lower() for name in STATUSES]


def test_every_function_that_changes_state_is_there(table: dict[str, Any]) -> None:
    halves = ("IRegistryCore.sol", "IRegistryExtension.sol")
    interface = "".join((INTERFACES / half).read_text() for half in halves)
    declared = re.findall(r"function (\w+)\([^)]*\) external( view)?", interface)
    changing = {name for name, view in declared if not view}
    assert [function["name"] for function in table["functions"]] == list(
        dict.fromkeys(function["name"] for function in table["functions"])
    )
    assert {function["name"] for function in table["functions"]} == changing
    for situation in table["situations"]:
        assert set(situation["calls"]) == changing


def test_every_outcome_is_a_status_or_an_error(table: dict[str, Any]) -> None:
    errors = set(re.findall(r"error (\w+)\(", (INTERFACES / "IConsortiumErrors.sol").read_text()))
    known = errors | set(STATUSES) | {"EnforcedPause", "ExpectedPause"}
    for situation in table["situations"]:
        for call in situation["calls"].values():
            assert set(call) == {"inTime", "late"}
            assert set(call.values()) <= known
