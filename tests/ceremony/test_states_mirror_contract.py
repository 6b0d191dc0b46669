"""Phases and contributions are read by position, so names must agree in order."""

import re
from dataclasses import fields

from zkfl.chain.compile import compile_project
from zkfl.chain.solidity_sources import contracts_root
from zkfl.srs.ceremony import Phase
from zkfl.srs.ceremony.log import CONTRACT, LoggedContribution

SOURCE = contracts_root() / "src" / "interfaces" / "ICeremonyLog.sol"


def test_phases() -> None:
    found = re.search(r"enum Phase {([^}]*)}", SOURCE.read_text())
    assert found
    names = [name.strip().upper() for name in found[1].split(",")]
    assert names == [phase.name for phase in Phase]
    assert [phase.value for phase in Phase] == list(range(len(names)))


def test_contributions() -> None:
    [entry] = [e for e in compile_project()[CONTRACT].abi if e.get("name") == "contributions"]
    names = [component["name"] for component in entry["outputs"][0]["components"]]
    snake = [re.sub(r"([A-Z])", r"_\1", name).lower() for name in names]
    assert snake == [field.name for field in fields(LoggedContribution)]
