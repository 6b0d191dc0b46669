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
    proofs, verified
        Training proofs made, and verified on chain.
    gas
        Spent by all transactions of the round.
    milestones
        What else has happened, in order.
    """

    hospitals: int
    show: Show = field(default=lambda _: None)
    proofs: int = 0
    verified: int = 0
    gas: int = 0
    milestones: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def proof_made(self) -> None:
        """Count a training proof."""
        with self._lock:
            self.proofs += 1
        self.show(self.line())

    def proof_verified(self) -> None:
        """Count a proof that the chain accepted."""
        with self._lock:
            self.verified += 1
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
        parts = [f"{self.proofs}/{self.hospitals} proofs, {self.verified} verified"]
        parts.append(f"{self.gas / 1e6:.2f} M gas")
        return " · ".join(parts + self.milestones)
