"""A party left to itself: turn after turn, until it is done or asked to stop."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

from zkfl.chain.errors import RpcError, TransactionTimeoutError
from zkfl.errors import ZkflError
from zkfl.prover_queue.errors import ProverQueueError
from zkfl.turns import Turn
from zkfl.zk_circuits.prover import DeadlineError

_OUTAGES = (RpcError, TransactionTimeoutError, ProverQueueError, DeadlineError)
"""Of the endpoint, and of what proves: time or people mend them."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class TurnTaker(Protocol):
    """A party that takes turns."""

    def take(self) -> Turn:
        """Do everything that is owed now."""
        ...

    def is_finished(self) -> bool:
        """Tell whether there is nothing left to wait for."""
        ...


@dataclass(frozen=True)
class Pace:
    """How often a party looks at the chain.

    Attributes
    ----------
    interval_seconds
        From the end of a turn to the next.
    longest_pause_seconds
        Between two tries while endpoint or prover is away: each pause is twice the one before.
    """

    interval_seconds: float = 3.0
    longest_pause_seconds: float = 120.0

    def pause_after(self, failures: int) -> float:
        """Return the seconds to wait after so many failures in a row."""
        doubled = self.interval_seconds * 2.0 ** min(failures, 16)
        return min(doubled, max(self.longest_pause_seconds, self.interval_seconds))


@dataclass(frozen=True)
class Listener:
    """Who is told how it goes.

    Attributes
    ----------
    on_turn
        Gets each turn.
    on_outage
        Gets what is wrong with the endpoint or the prover, and the seconds until it is asked again.
    """

    on_turn: Callable[[Turn], None]
    on_outage: Callable[[ZkflError, float], None]


def run_turns(
    party: TurnTaker, listener: Listener, stop: threading.Event, pace: Pace | None = None
) -> bool:
    """Take turns until the party is finished; False if it was stopped before.

    Parameters
    ----------
    party, listener
        Who acts, and who is told.
    stop
        Set to end after the turn at hand.
    pace
        How often; `Pace` as it is if None.

    Raises
    ------
    ZkflError
        What no repetition mends.
    """
    pace = pace or Pace()
    failures = 0
    while not stop.is_set():
        try:
            listener.on_turn(party.take())
            failures = 0
            if party.is_finished():
                return True
        except _OUTAGES as error:
            # a transaction that is still pending is resumed by the next turn
            failures += 1
            listener.on_outage(error, pace.pause_after(failures))
        stop.wait(pace.pause_after(failures))
    return False


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set; a second signal ends the process as usual."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def ask(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in _SIGNALS:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
