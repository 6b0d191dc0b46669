"""``zkfl status --watch``: the state of a round, again each time that it changes."""

import time

from zkfl.chain.errors import RpcError
from zkfl.chain.registry import Registry
from zkfl.chain.states import Participation, Round
from zkfl.cli.output import error_console, forget_facts
from zkfl.cli.round_status import show_status
from zkfl.logs import logger

POLL_SECONDS = 2.0
_log = logger("command")
_State = tuple[int, Round, tuple[Participation, ...]]


def watch_round(registry: Registry, poll_seconds: float = POLL_SECONDS) -> None:
    """Show the state of the round, and again after each change, until the round has ended.

    Where no round is in progress, the next one is waited for. An endpoint that fails for a while
    is asked again.
    """
    seen = _state(registry)
    show_status(registry)
    begun = seen[1].status.in_progress
    while not begun or seen[1].status.in_progress:
        time.sleep(poll_seconds)
        try:
            now = _state(registry)
        except RpcError as error:
            _log.warning("the endpoint does not answer; asking again", because=str(error))
            continue
        if now != seen:
            seen, begun = now, begun or now[1].status.in_progress
            error_console().print(f"--- {time.strftime('%H:%M:%S')}", markup=False)
            forget_facts()
            show_status(registry)


def _state(registry: Registry) -> _State:
    """Return all that a status shows and time alone does not change."""
    round_id = registry.current_round()
    parts = [registry.participation(round_id, member) for member in registry.cohort(round_id)]
    return round_id, registry.round(round_id), tuple(parts)
