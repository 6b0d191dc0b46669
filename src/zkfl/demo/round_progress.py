"""What has happened in a round so far, counted as hospitals report it side by side."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

Show = Callable[[str], None]
"""Gets the line that says where the round stands."""


@dataclass
class RoundProgress:
    """Counts of one round; every change is shown at once.

    Attributes
    ----------
    hospitals
        Size of the cohort.
    proofs, taken
        Training proofs made, and taken by the chain.
    gas
        Spent by all transactions of the round.
    milestones
        What else has happened, in order.
    taken_as
        What the chain did with the proofs that it took: ``verified``, or ``posted``.
    """

    hospitals: int
    show: Show = field(default=lambda _: None)
    proofs: int = 0
    taken: int = 0
    gas: int = 0
    milestones: list[str] = field(default_factory=list)
    taken_as: str = "verified"
    _lock: Lock = field(default_factory=Lock)

    def proof_made(self) -> None:
        """Count a training proof."""
        with self._lock:
            self.proofs += 1
        self.show(self.line())

    def proof_taken(self) -> None:
        """Count a proof that the chain took."""
        with self._lock:
            self.taken += 1
        self.show(self.line())

    def spent(self, gas: int) -> None:
        """Add a transaction's gas."""
        with self._lock:
            self.gas += gas

    def reached(self, milestone: str) -> None:
        """Note a milestone of the whole round."""
        self.milestones.append(milestone)
        self.show(self.line())

    def line(self) -> str:
        """Return where the round stands, in one line of a terminal."""
        parts = [f"{self.proofs}/{self.hospitals} proofs, {self.taken} {self.taken_as}"]
        parts.append(f"{self.gas / 1e6:.2f} M gas")
        return " · ".join(parts + self.milestones)
