"""Flower reports nothing, asks nobody, and is the release that zkfl was written for."""

import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SWITCHES = (
    "import zkfl.flower.client_app, os; from flwr.supercore import telemetry;"
    "print(telemetry.FLWR_TELEMETRY_ENABLED, os.environ['FLWR_DISABLE_UPDATE_CHECK'])"
)


def test_telemetry_is_off_before_flower_is_imported_whatever_the_environment_says() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWITCHES],
        env={"FLWR_TELEMETRY_ENABLED": "1", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["0", "1"]


def test_no_module_imports_flower_outside_of_the_package_that_sets_the_switches() -> None:
    importing = {
        path.relative_to(ROOT)
        for folder in ("src/zkfl", "node", "aggregator")
        for path in (ROOT / folder).rglob("*.py")
        if any(line.startswith(("import flwr", "from flwr")) for line in path.open())
    }
    assert importing
    assert {path.parts[:3] for path in importing} == {("src", "zkfl", "flower")}


def test_the_installed_release_is_the_pinned_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = project["optional-dependencies"]["flower"]
    assert f"flwr=={importlib.metadata.version('flwr')}" in pinned
