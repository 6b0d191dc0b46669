"""The rehearsal in the how-to page is what runs here, word for word."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Rehearse = Callable[[str, str], "subprocess.CompletedProcess[str]"]


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_rehearsal_ends_with_one_srs(rehearse: Rehearse, tmp_path: Path) -> None:
    done = rehearse("run-a-ceremony.md", "A rehearsal")
    assert "phase     complete" in done.stdout
    files = {(tmp_path / f"srs-{number}.srs").read_bytes() for number in (1, 2, 3)}
    assert len(files) == 1
