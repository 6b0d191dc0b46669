"""A drill as a cell of the table: what it is called and how it is carried out."""

from collections.abc import Callable
from dataclasses import dataclass

from zkfl.drills.drilled_round import DrilledRound

Disturb = Callable[[DrilledRound], None]
"""Disturbs a restored round, up to and including the repeated command; the operator finishes."""


@dataclass(frozen=True)
class Cell:
    """One drill.

    Attributes
    ----------
    step
        Of the round.
    victim
        What is killed or disturbed.
    moment
        When, or how, in words.
    loss
        What the fault itself took away, before anybody repeated anything.
    checkpoint
        From which it starts.
    disturb
        Carries it out.
    """

    step: str
    victim: str
    moment: str
    loss: str
    checkpoint: str
    disturb: Disturb

    @property
    def name(self) -> str:
        """For people and for the command line."""
        return f"{self.step} / {self.victim} / {self.moment}"
