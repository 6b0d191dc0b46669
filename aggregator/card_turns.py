"""The aggregator's step that holds nobody up: the model cards of final rounds."""

import time
from collections.abc import Callable
from dataclasses import replace

from zkfl.aggregator.coordinator import Coordinator, CoordinatorError
from zkfl.chain.errors import RpcError
from zkfl.chain.states import UNSTATED, RoundStatus
from zkfl.errors import ZkflError
from zkfl.signed_history import LineageError
from zkfl.turns import Look, Turn

_RETRY_SECONDS = 600.0
_UNANSWERED = 3
"""Turns in a row in which an endpoint that leaves questions open is asked again at once."""
_TRIES = 3
"""Tries, each `_RETRY_SECONDS` after the one before, for which a party that is done stays."""
_LOOKS_BACK = 16
"""Rounds, the last final one among them, whose cards are looked for."""


class CardOwedError(ZkflError):
    """All rounds that were wanted are final, and one has no card that could be made."""


class CardTurns:
    """Publishes cards, and says where the chain's history leads to none.

    Nothing depends on a card, so further rounds open without it, and it is made up for between
    or during them. What the history lacks, another endpoint may have. So the card is tried again,
    and seldom, as all of the chain is read for it; only a question that was left open is asked
    again soon.

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
        self._settled: set[int] = set()
        self._last = 0
        self._begin_anew()

    def is_owed(self) -> bool:
        """Tell whether a final round has no card, among the latest ones."""
        return bool(self._owed())

    def publish(self) -> Look | None:
        """Publish the oldest card that is owed; None if none is, or if it cannot be made now."""
        owed = self._owed()
        last = self._registry.final_round()
        if not owed or last != self._last:
            self._last = last
            self._begin_anew()
        if not owed or self._clock() < self._not_before:
            return None
        try:
            self._coordinator.publish_card(owed[0])
        except (CoordinatorError, LineageError) as error:
            self._put_off(owed[0], error)
            return None
        except RpcError as error:
            self._ask_again(owed[0], error)
            return None
        self._begin_anew()
        return Look(f"model card published (round {owed[0]})")

    def warn(self, turn: Turn) -> Turn:
        """Return a turn that says too, where a card cannot be made, that people are to look."""
        if not self._warning:
            return turn
        waits_for = f"{turn.waits_for}; and for its operator: {self._warning}"
        return replace(turn, waits_for=waits_for, warning=turn.warning or self._warning)

    def require_hope(self) -> None:
        """Check that a card that is owed is still tried for, where nothing else is left to do.

        Raises
        ------
        CardOwedError
            The last try has failed.
        """
        if self._tries >= _TRIES:
            raise CardOwedError(
                f"{self._warning}. This was tried {self._tries} times, and nothing else is left "
                "to do: ask another endpoint, and run the aggregator again for the card"
            )

    def _begin_anew(self) -> None:
        self._warning = ""
        self._not_before = -_RETRY_SECONDS
        self._tries = self._unanswered = 0

    def _put_off(self, round_id: int, error: ZkflError) -> None:
        self._warning = f"the model card of round {round_id} cannot be made: {error}"
        self._not_before = self._clock() + _RETRY_SECONDS
        self._tries += 1
        self._unanswered = 0

    def _ask_again(self, round_id: int, error: RpcError) -> None:
        """Let the next turn try again, unless that was in vain: old logs may stay refused."""
        self._unanswered += 1
        if self._unanswered >= _UNANSWERED:
            self._put_off(round_id, error)
        else:
            self._warning = f"the model card of round {round_id} is not made yet: {error}"

    def _owed(self) -> list[int]:
        last = self._registry.final_round()
        latest = range(max(1, last - _LOOKS_BACK + 1), last + 1)
        owed = [number for number in latest if self._lacks_card(number)]
        # a card of the last round may still be undone with its block
        self._settled |= {number for number in latest if number < last} - set(owed)
        return owed

    def _lacks_card(self, round_id: int) -> bool:
        if round_id in self._settled or self._registry.model_card_of(round_id) != UNSTATED:
            return False
        return self._registry.round(round_id).status is RoundStatus.FINAL
