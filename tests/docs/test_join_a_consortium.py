"""The rehearsal in the how-to page is what runs here, word for word: every party by itself."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Rehearse = Callable[[str, str], "subprocess.CompletedProcess[str]"]
SITES = ("hospital-01", "hospital-02", "hospital-03")


@pytest.mark.timeout(1_800)
def test_parties_in_folders_of_their_own_end_with_a_final_round(
    rehearse: Rehearse, tmp_path: Path
) -> None:
    done = rehearse("join-a-consortium.md", "A rehearsal on one machine")
    assert "round      1 FINAL, attempt 1" in done.stdout
    assert "hospital-02 may open sums too" in done.stderr
    assert "aggregator: all rounds that were wanted are final" in done.stderr
    # each folder of a hospital holds that hospital and nobody else
    for site in SITES:
        assert [path.name for path in (tmp_path / site / "sites").iterdir()] == [site]
        assert not (tmp_path / site / "roles").exists()
    assert not (tmp_path / "office" / "sites").exists()
