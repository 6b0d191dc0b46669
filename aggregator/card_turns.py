"""The aggregator's step that holds nobody up: the model card of the last final round."""

import time
from collections.abc import Callable
from dataclasses import replace

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.states import UNSTATED
from zkfl.signed_history import LineageError
from zkfl.turns import Look, Turn

_RETRY_SECONDS = 600.0


class CardTurns:
    """Publishes cards, and says where the chain's history leads to none.

    Nothing depends on a card, so further rounds open without it. What the history lacks, another
    endpoint may have. So the card is tried again, and seldom, as all of the chain is read for it.

    Parameters
    ----------
    coordinator
        The aggregator.
    clock
        Seconds that never go back.
    """

    def __init__(
        self, coordinator: Coordinator, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._coordinator = coordinator
        self._registry = coordinator.registry
        self._clock = clock
        self._warning = ""
        self._tried = (0, -_RETRY_SECONDS)

    def is_owed(self) -> bool:
        """Tell whether the last final round has no card."""
        last = self._registry.final_round()
        return last > 0 and self._registry.model_card_of(last) == UNSTATED

    def publish(self) -> Look | None:
        """Publish the card that is owed; None if none is, or if it cannot be made now."""
        if not self.is_owed():
            self._warning = ""
            return None
        last = self._registry.final_round()
        tried, when = self._tried
        if tried == last and self._clock() < when + _RETRY_SECONDS:
            return None
        self._tried = last, self._clock()
        try:
            self._coordinator.publish_card(last)
        except LineageError as error:
            self._warning = f"the model card of round {last} cannot be made: {error}"
            return None
        self._warning = ""
        return Look(f"model card published (round {last})")

    def warn(self, turn: Turn) -> Turn:
        """Return a turn that says too, where a card cannot be made, that people are to look."""
        if not self._warning:
            return turn
        waits_for = f"{turn.waits_for}; and for its operator: {self._warning}"
        return replace(turn, waits_for=waits_for, warning=turn.warning or self._warning)
