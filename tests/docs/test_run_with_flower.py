"""The rehearsal in the how-to page is what runs here, word for word."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zkfl.chain.anvil import running_anvil

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "run-with-flower.md"


def commands(page: Path, heading: str) -> str:
    """Return the indented lines below a heading."""
    section = page.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_rehearsal_ends_with_a_final_round(tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + commands(PAGE, "A rehearsal on one machine")
    with running_anvil(tmp_path / "anvil.log") as chain:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            [shutil.which("bash") or "bash", "-c", script],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "ZKFL_RPC_URL": chain.url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3_000:]
    assert "model card published (round 1)" in done.stdout + done.stderr
    assert "FINAL" in done.stdout
