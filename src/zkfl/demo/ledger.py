"""Seconds and gas by stage, as they were spent."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class StageCost:
    """What one stage cost: seconds of wall time, gas, and transactions."""

    seconds: float = 0.0
    gas: int = 0
    transactions: int = 0


@dataclass
class Ledger:
    """Costs by stage; hospitals that work side by side may write at once."""

    stages: dict[str, StageCost] = field(default_factory=lambda: defaultdict(StageCost))
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the wall time of a block to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self.stages[stage].seconds += time.perf_counter() - start

    def spent(self, stage: str, gas: int) -> None:
        """Add one transaction's gas to a stage."""
        with self._lock:
            self.stages[stage].gas += gas
            self.stages[stage].transactions += 1

    def to_dict(self) -> dict[str, dict[str, float | int]]:
        """Return the costs for JSON: seconds, gas and transactions by stage."""
        return {
            name: {
                "seconds": round(cost.seconds, 3),
                "gas": cost.gas,
                "transactions": cost.transactions,
            }
            for name, cost in self.stages.items()
        }
