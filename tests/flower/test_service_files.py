"""Units and compose.yaml start commands that exist, with options that these take."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from zkfl.cli.app import app

FOLDER = Path(__file__).parents[2] / "docs" / "how-to" / "flower"
UNITS = sorted(FOLDER.glob("*.service"))


def commands() -> list[list[str]]:
    lines = [re.findall(r"^ExecStart=(.+)$", path.read_text(), re.MULTILINE) for path in UNITS]
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    found = [shlex.split(line) for [line] in lines]
    return found + [service["command"] for service in services.values()]


def test_there_is_a_service_of_each_kind_both_ways() -> None:
    started = sorted(words[2] for words in commands())
    assert started == ["aggregator", "aggregator", "link", "link", "node", "node"]


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words[1:3]))
def test_a_service_starts_a_command_that_takes_its_options(words: list[str]) -> None:
    assert Path(words[0]).name == "zkfl"
    command = get_command(app)
    for name in words[1:3]:
        command = command.commands[name]
    with command.make_context(words[2], list(words[3:])) as context:
        assert context.params


def test_the_superlink_does_not_reach_the_aggregators_keys() -> None:
    unit = (FOLDER / "zkfl-flower-link.service").read_text()
    assert "User=zkfl-link\n" in unit
    assert "InaccessiblePaths=-/srv/zkfl\n" in unit
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    assert services["link"]["volumes"] == ["${LINK_FOLDER}:/link:ro"]
    assert services["link"]["user"] == "10002:10002"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_keep_files_private_and_privileges_few(unit: Path) -> None:
    text = unit.read_text()
    for setting in ("UMask=0077", "NoNewPrivileges=true", "ProtectSystem=strict", "User=zkfl"):
        assert setting in text
