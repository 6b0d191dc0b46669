"""How many rounds of a consortium became final."""

from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus


class FinalRounds:
    """Counts final rounds; each round that has ended is looked up once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._ended = self._final = 0

    def count(self) -> int:
        """Return the number of final rounds from the consortium's first on."""
        latest = self._registry.current_round()
        while self._ended < latest:
            status = self._registry.round(self._ended + 1).status
            if status.in_progress:
                break
            self._ended += 1
            self._final += status is RoundStatus.FINAL
        return self._final

    def reached(self, wanted: int | None) -> bool:
        """Tell whether so many rounds are final and none is in progress; None is never reached."""
        if wanted is None or self.count() < wanted:
            return False
        return self._ended == self._registry.current_round()
