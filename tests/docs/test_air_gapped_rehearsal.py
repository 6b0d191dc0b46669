"""The rehearsal in the how-to page is what runs here, word for word."""

import subprocess
from collections.abc import Callable

import pytest

Rehearse = Callable[[str, str], "subprocess.CompletedProcess[str]"]


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_rehearsal_ends_with_a_final_round(rehearse: Rehearse) -> None:
    done = rehearse("run-an-air-gapped-node.md", "A rehearsal")
    calls = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("mined ")]
    assert calls[0] == "admitShard,"
    assert calls[-2:] == ["submitUpdate,", "acknowledge,"]
    assert "FINAL" in done.stdout
