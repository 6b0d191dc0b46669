"""Seconds of a call."""

import statistics
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def median_seconds(action: Callable[[], Value], repeats: int) -> tuple[float, Value]:
    """Call ``repeats`` times; return the median of seconds and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        value = action()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), value
