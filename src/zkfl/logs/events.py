"""Loggers, and where their events go."""

import logging
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass

import structlog
from structlog.typing import FilteringBoundLogger

from zkfl.logs.redaction import redact

Event = MutableMapping[str, object]


@dataclass(frozen=True)
class Sink:
    """A place for events.

    Attributes
    ----------
    level
        Events below this level of `logging` are left out.
    write
        Gets a redacted event.
    """

    level: int
    write: Callable[[Event], None]


_sinks: list[Sink] = []


def set_sinks(sinks: list[Sink]) -> None:
    """Send events to these places from now on, and to no other."""
    _sinks[:] = sinks


def logger(name: str) -> FilteringBoundLogger:
    """Return a logger; what it is given is redacted before it is written."""
    bound: FilteringBoundLogger = structlog.wrap_logger(
        None,
        processors=[
            _drop_unwanted,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            _deliver,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        part=name,
    )
    return bound


def _level(method: str) -> int:
    return logging.getLevelNamesMapping().get(method.upper(), logging.ERROR)


def _drop_unwanted(_: object, method: str, event: Event) -> Event:
    if not any(_level(method) >= sink.level for sink in _sinks):
        raise structlog.DropEvent
    return event


def _deliver(_: object, method: str, event: Event) -> Event:
    for sink in _sinks:
        if _level(method) >= sink.level:
            sink.write(dict(event))
    raise structlog.DropEvent
