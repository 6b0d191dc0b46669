"""The undisturbed round, kept at every point from which a drill can start."""

import time
from dataclasses import dataclass
from pathlib import Path

from zkfl.drills.drilled_round import DrilledRound
from zkfl.drills.outcome import Outcome, require_right
from zkfl.drills.small_consortium import write_parties

_THIRTY_DAYS = 30 * 24 * 3_600
_COMMANDS = {
    "admitted": "admit",
    "opened": "open",
    "trained": "train",
    "published": "close",
    "final": "acknowledge",
}
"""What leads to each checkpoint from the one before; ``founded`` is the first."""


@dataclass(frozen=True)
class Checkpoints:
    """Copies of folders and chain, and how the undisturbed round ended.

    Attributes
    ----------
    folder
        Holds one folder a checkpoint.
    founded_at
        The last block of the founding.
    outcome
        Of the undisturbed round.
    """

    folder: Path
    founded_at: int
    outcome: Outcome

    def path(self, name: str) -> Path:
        """Return the folder of a checkpoint."""
        return self.folder / name


def make_checkpoints(folder: Path) -> Checkpoints:
    """Found a consortium, run an undisturbed round, and keep it at every point.

    The chain's clock is 30 days behind the host's until a drill moves it.
    """
    drill = DrilledRound.on(folder / "undisturbed", int(time.time()) - _THIRTY_DAYS)
    drill.root.mkdir(parents=True)
    write_parties(drill.workspace.root)
    drill.chain.start()
    try:
        drill.run(["fund"], ["deploy"])
        founded_at = drill.registry().client.block_number()
        drill.keep(folder / "founded")
        for name, command in _COMMANDS.items():
            drill.run([command])
            drill.keep(folder / name)
        return Checkpoints(folder, founded_at, require_right(drill, founded_at))
    finally:
        drill.chain.stop()
