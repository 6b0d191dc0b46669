"""Carrying out cells, one after another, each from its checkpoint."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from zkfl.drills.cells import Cell
from zkfl.drills.checkpoints import Checkpoints
from zkfl.drills.drilled_round import DrilledRound
from zkfl.drills.errors import DrillFailedError
from zkfl.drills.outcome import require_right
from zkfl.errors import ZkflError


@dataclass(frozen=True)
class Result:
    """How a cell went.

    Attributes
    ----------
    problem
        Empty if the round ended right.
    repeated
        Commands that failed in the fault and were given again.
    """

    cell: Cell
    problem: str
    repeated: tuple[str, ...]
    seconds: float


def carry_out(cell: Cell, checkpoints: Checkpoints, folder: Path) -> Result:
    """Disturb a round, let the operator finish it, and check it; a failed one's folder stays."""
    drill = DrilledRound.on(folder)
    begun = time.monotonic()
    problem = ""
    try:
        with drill.restored(checkpoints.path(cell.checkpoint)):
            cell.disturb(drill)
            drill.finish()
            outcome = require_right(drill, checkpoints.founded_at)
            if outcome != checkpoints.outcome:
                raise DrillFailedError("another model than the undisturbed round's")
        shutil.rmtree(folder)
    except ZkflError as error:
        problem = f"{type(error).__name__}: {error}"
    return Result(cell, problem, tuple(drill.repeated), time.monotonic() - begun)
