"""The rehearsal in the how-to page is what runs here, word for word: every party by itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zkfl.chain.anvil import running_anvil

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "join-a-consortium.md"
TOOLS = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin")
SITES = ("hospital-01", "hospital-02", "hospital-03")


def commands(page: Path, heading: str) -> str:
    """Return the indented lines below a heading."""
    section = page.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_parties_in_folders_of_their_own_end_with_a_final_round(tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + commands(PAGE, "A rehearsal on one machine")
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
    assert "round      1 FINAL, attempt 1" in done.stdout
    assert "hospital-02 may open sums too" in done.stderr
    assert "aggregator: all rounds that were wanted are final" in done.stderr
    # each folder of a hospital holds that hospital and nobody else
    for site in SITES:
        assert [path.name for path in (tmp_path / site / "sites").iterdir()] == [site]
        assert not (tmp_path / site / "roles").exists()
    assert not (tmp_path / "office" / "sites").exists()
