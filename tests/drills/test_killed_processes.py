"""A few of the drills of ``scripts/drills``: a process is killed, and the round ends right."""

from pathlib import Path

import pytest

from zkfl.drills.checkpoints import Checkpoints
from zkfl.drills.disturbances import other_cells
from zkfl.drills.kills import kill_cells
from zkfl.drills.run import carry_out
from zkfl.drills.steps import PARTIES, STEPS

CELLS = {cell.name: cell for cell in [*kill_cells(), *other_cells()]}


def test_every_step_has_a_drill_for_every_victim() -> None:
    drilled = {(cell.step, cell.victim) for cell in kill_cells()}
    assert drilled == {(step.name, victim) for step in STEPS for victim in (*PARTIES, "anvil")}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "name",
    [
        "submit / hospital / sent, receipt not seen",
        "announce sum / aggregator / signed, not sent",
        "publish / anvil / mined, not saved",
        "acknowledge / key holder / signed, not sent",
    ],
)
def test_the_round_ends_as_an_undisturbed_one(
    checkpoints: Checkpoints, tmp_path: Path, name: str
) -> None:
    assert carry_out(CELLS[name], checkpoints, tmp_path / "drill").problem == ""
