"""The rehearsal in the how-to page is what runs here, word for word."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zkfl.chain.anvil import running_anvil

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "run-a-ceremony.md"
TOOLS = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin")


def commands(page: Path, heading: str) -> str:
    """Return the indented lines below a heading."""
    section = page.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_rehearsal_ends_with_one_srs(tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + commands(PAGE, "A rehearsal")
    with running_anvil(tmp_path / "anvil.log") as chain:
        path = os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]])
        done = subprocess.run(
            [shutil.which("bash") or "bash", "-c", script],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "ZKFL_RPC_URL": chain.url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "phase     complete" in done.stdout
    files = {(tmp_path / f"srs-{number}.srs").read_bytes() for number in (1, 2, 3)}
    assert len(files) == 1
