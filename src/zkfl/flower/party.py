"""A party that acts on the chain in one thread and exchanges over Flower in another.

What it owes the chain does not wait for Flower: a connection that is away delays artefacts, and
nothing else.
"""

import threading
from collections.abc import Callable

from zkfl.turns import Turn


class LatestTurn:
    """The last turn that a party took; before its first, one that lacks nothing."""

    def __init__(self) -> None:
        self._turn = Turn((), "its first look at the chain")

    def keep(self, turn: Turn) -> None:
        """Remember a turn."""
        self._turn = turn

    def __call__(self) -> Turn:
        """Return the last one."""
        return self._turn


def beside(serve: Callable[[], None], work: Callable[[], bool], stop: threading.Event) -> bool:
    """Do the work of a party while it serves; the end of the work is the end of both.

    Parameters
    ----------
    serve
        Ends when ``stop`` is set.
    work
        Its result is returned.
    stop
        Set when the work has ended, however it did.
    """
    server = threading.Thread(target=serve, name="flower", daemon=True)
    server.start()
    try:
        return work()
    finally:
        stop.set()
        server.join()
