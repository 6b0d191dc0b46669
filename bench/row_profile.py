"""Rows of a circuit by operation, as EZKL itself lays them out.

While EZKL makes keys it logs, before each operation, the row at which it has arrived; the
difference between two is what the first operation took. EZKL also lays circuits out on
paper, to estimate settings; that counts copies of inputs which real keys do not hold, so
those passes are left out.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

_OPERATION = re.compile(r"^laying out (\d+): (.*)$", re.DOTALL)
_PLACE = re.compile(r"^\(rows=(\d+), coord=(\d+)")
_ON_PAPER, _FOR_KEYS = "dummy model layout", "model layout..."
_LOGGERS = ("ezkl.graph.model", "ezkl.circuit.ops.region")


class RowProfile(logging.Handler):
    """Collects operations and the coordinate at which each begins, over all columns."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._begins: list[tuple[str, int]] = []
        self._operation = ""
        self._on_paper = False
        self.total = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line of EZKL's log."""
        text = record.getMessage()
        if _ON_PAPER in text or text == _FOR_KEYS:
            self._on_paper = _ON_PAPER in text
        if not self._on_paper:
            self._take(text)

    def _take(self, text: str) -> None:
        operation, place = _OPERATION.match(text), _PLACE.match(text)
        if operation:
            if operation[1] == "0":
                self._begins = []
            self._operation = operation[2]
        elif place:
            self._begins.append((self._operation, int(place[2])))
            self.total = int(place[2])

    def by_operation(self) -> list[tuple[str, int]]:
        """Return cells by operation in graph order, those that take none left out."""
        ends = [begin for _, begin in self._begins[1:]] + [self.total]
        cells = [(name, end - begin) for (name, begin), end in zip(self._begins, ends, strict=True)]
        return [(name, count) for name, count in cells if count]


@contextmanager
def row_profile() -> Iterator[RowProfile]:
    """Listen to EZKL while a circuit's keys are made."""
    profile = RowProfile()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.addHandler(profile)
    try:
        yield profile
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(profile)
            logger.setLevel(level)
            logger.propagate = propagate
