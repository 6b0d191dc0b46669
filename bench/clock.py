"""Seconds of a call: by the clock on the wall, and of the processor."""

import resource
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

Value = TypeVar("Value")


class Seconds(NamedTuple):
    """How long something took.

    Attributes
    ----------
    wall
        Between begin and end; other work on the machine makes it longer.
    cpu
        That all threads of this process, and processes that it started and that have ended,
        spent on a core. Time spent waiting for one does not count.
    """

    wall: float
    cpu: float


def timed(action: Callable[[], Value]) -> tuple[Seconds, Value]:
    """Call once; return its seconds and its result."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    value = action()
    return Seconds(time.perf_counter() - wall, cpu_seconds() - cpu), value


def median_seconds(action: Callable[[], Value], repeats: int) -> tuple[Seconds, Value]:
    """Call ``repeats`` times; return the median of either kind of seconds and the last result."""
    calls = [timed(action) for _ in range(repeats)]
    return median_of([seconds for seconds, _ in calls]), calls[-1][1]


def median_of(seconds: list[Seconds]) -> Seconds:
    """Return the median of either kind, which need not come from one call."""
    walls, cpus = zip(*seconds, strict=True)
    return Seconds(statistics.median(walls), statistics.median(cpus))


def cpu_seconds() -> float:
    """Return what this process and its ended children have spent on cores so far."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def columns(name: str, seconds: Seconds, digits: int) -> dict[str, float]:
    """Return both kinds as two columns of a table."""
    return {
        f"{name}_s": round(seconds.wall, digits),
        f"{name}_cpu_s": round(seconds.cpu, digits),
    }
