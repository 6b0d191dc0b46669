"""The rehearsal in the how-to page is what runs here, word for word."""

import subprocess
from collections.abc import Callable

import pytest

Rehearse = Callable[[str, str], "subprocess.CompletedProcess[str]"]


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_rehearsal_ends_with_a_final_round(rehearse: Rehearse) -> None:
    done = rehearse("run-with-flower.md", "A rehearsal on one machine")
    assert "model card published (round 1)" in done.stdout + done.stderr
    assert "FINAL" in done.stdout
