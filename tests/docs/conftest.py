"""Runs the indented lines below a page's heading, word for word, against a chain of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from zkfl.chain.anvil import running_anvil

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "how-to"
TOOLS = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin")

Rehearse = Callable[[str, str], "subprocess.CompletedProcess[str]"]


def commands(page: str, heading: str) -> str:
    """Return the indented lines below a heading of a how-to page."""
    section = (PAGES / page).read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))


@pytest.fixture
def rehearse(tmp_path: Path) -> Rehearse:
    """Run a section of a page in the test's folder; it has to end well."""

    def run(page: str, heading: str) -> "subprocess.CompletedProcess[str]":
        script = "set -euo pipefail\n" + commands(page, heading)
        path = os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]])
        with running_anvil(tmp_path / "anvil.log") as chain:
            done = subprocess.run(
                [shutil.which("bash") or "bash", "-c", script],
                cwd=tmp_path,
                env=os.environ | {"PATH": path, "ZKFL_RPC_URL": chain.url},
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stderr[-3_000:]
        return done

    return run
