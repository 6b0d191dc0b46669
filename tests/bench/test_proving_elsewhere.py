"""``scripts/bench proving-elsewhere`` compares two ways to the same proof."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_row_says_what_the_queue_costs(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    command = [sys.executable, "-m", "bench", "--quick", "proving-elsewhere", "--json", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(path.read_text())["proving-elsewhere"]
    assert row["circuit"] == "logistic-training-tiny"
    assert row["sent_kB"] == 5.632
    assert all(row[name] > 0 for name in ("local_s", "queue_s", "queue_to_local_x"))
