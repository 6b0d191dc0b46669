"""A party that acts on the chain in one thread and exchanges over Flower in another.

What it owes the chain does not wait for Flower: a connection that is away delays artefacts, and
nothing else.
"""

import threading
from collections.abc import Callable

from zkfl.errors import ZkflError
from zkfl.flower.supernode import FlowerConnectionError
from zkfl.turns import Turn

AGAIN_SECONDS = 5.0
"""Between the end of an exchange and its next beginning."""
PARTING_SECONDS = 30.0
"""For which the end of a party waits for its exchange to end."""


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


def serve_again(
    serve: Callable[[], None],
    stop: threading.Event,
    say: Callable[[str], None],
    pause: float = AGAIN_SECONDS,
) -> None:
    """Serve until asked to stop, and begin anew whatever made it end before.

    Parameters
    ----------
    serve
        Ends by itself when ``stop`` is set.
    stop
        Ends this.
    say
        Gets why it begins anew.
    pause
        Seconds before it does.
    """
    while not stop.is_set():
        try:
            serve()
        except ZkflError as error:
            say(str(error))
        except Exception as error:  # noqa: BLE001 - what others send must not end the exchange
            say(f"the exchange over Flower broke ({type(error).__name__}): beginning it anew")
        stop.wait(pause)


def beside(
    serve: Callable[[], None],
    work: Callable[[], bool],
    ended: threading.Event,
    stop: threading.Event,
) -> bool:
    """Do the work of a party while it serves; the end of either is the end of both.

    Parameters
    ----------
    serve
        Ends when ``ended`` is set, and not before.
    work
        Its result is returned; it ends when ``stop`` is set.
    ended
        Set when the work has ended, however it did.
    stop
        Set when the serving ends before the work.

    Raises
    ------
    FlowerConnectionError
        The serving ended before the work.
    """
    died = threading.Event()

    def serve_to_the_end() -> None:
        try:
            serve()
        finally:
            if not ended.is_set():
                died.set()
                stop.set()

    server = threading.Thread(target=serve_to_the_end, name="flower", daemon=True)
    server.start()
    try:
        finished = work()
    finally:
        ended.set()
        server.join(PARTING_SECONDS)
    if died.is_set() and not finished:
        raise FlowerConnectionError(
            "the exchange over Flower ended by itself, which it never should: the party is stopped "
            "and goes on where it was when it is started again"
        )
    return finished
