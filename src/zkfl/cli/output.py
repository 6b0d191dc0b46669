"""Where commands write: results to standard output, progress and errors to standard error.

With ``--json``, standard output holds one object and nothing else: what a command finds out is
kept in a report, and written when the command ends, be it with an error.
"""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from zkfl.logs import logger

PointsCallback = Callable[[int, int], None]
"""Gets the points done and the points in all."""


@dataclass
class Report:
    """What a command has found out and done so far.

    Attributes
    ----------
    command
        Its words, such as ``council list``.
    result
        Facts by name.
    steps
        What was sent to the chain, or had been sent before.
    notes
        What there was to say beside.
    error
        ``code``, ``name`` and ``message`` of what ended it.
    """

    command: str = ""
    result: dict[str, object] = field(default_factory=dict)
    steps: list[dict[str, object]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: dict[str, object] | None = None

    def to_json(self) -> str:
        """Return the object for standard output, on one line."""
        parts: dict[str, object] = {"command": self.command, "result": self.result}
        if self.steps:
            parts["steps"] = self.steps
        if self.notes:
            parts["notes"] = self.notes
        if self.error is not None:
            parts["error"] = self.error
        return json.dumps(parts, default=str)

    def add_lines(self, text: str) -> None:
        """Keep what was printed and has no name."""
        lines = self.result.setdefault("lines", [])
        if isinstance(lines, list):
            lines += [line for line in text.splitlines() if line.strip()]


@dataclass
class _Output:
    """How the command that runs writes: for people where there is no report."""

    report: Report | None = None
    logs_progress: bool = False


_output = _Output()
_log = logger("progress")


def start_output(command: str, *, as_json: bool) -> None:
    """Begin a command's output."""
    _output.report = Report(command) if as_json else None
    _output.logs_progress = False


def log_progress(*, wanted: bool) -> None:
    """Turn what people would see as progress into events, where standard error is for logs."""
    _output.logs_progress = wanted


def end_output(error: dict[str, object] | None = None) -> None:
    """Write what a command found out, if it was asked for as JSON."""
    report, _output.report = _output.report, None
    if report is not None:
        report.error = error
        sys.stdout.write(report.to_json() + "\n")
        sys.stdout.flush()


def logs_progress() -> bool:
    """Tell whether standard error is for logs alone."""
    return _output.logs_progress


def tell(text: str, **facts: object) -> None:
    """Print a line of results; with ``--json``, keep the facts that it states."""
    if _output.report is None:
        result_console().print(text, markup=False)
    keep_facts(**facts)


def show_table(table: Table) -> None:
    """Print a table of what is kept as facts; with ``--json``, the facts are enough."""
    if _output.report is None:
        result_console().print(table)


def write_text(text: str, **facts: object) -> None:
    """Write a text as it is, such as CSV; with ``--json``, keep the facts in it."""
    if _output.report is None:
        sys.stdout.write(text)
    keep_facts(**facts)


def keep_facts(**facts: object) -> None:
    """Keep facts for ``--json`` that people are told in other words."""
    if _output.report is not None:
        _output.report.result.update(facts)


def forget_facts() -> None:
    """Forget what was told so far: newer facts follow."""
    if _output.report is not None:
        _output.report.result.clear()


def tell_entry(collection: str, entry: dict[str, object], text: str) -> None:
    """Print a text about one of several things; with ``--json``, keep it in their list."""
    if _output.report is None:
        result_console().print(text, markup=False)
        return
    entries = _output.report.result.setdefault(collection, [])
    if isinstance(entries, list):
        entries.append(entry)


def tell_now(event: dict[str, object], text: str) -> None:
    """Tell what has just happened: a line for people, with ``--json`` an object on its own line."""
    if _output.report is None:
        error_console().print(text, markup=False)
    else:
        sys.stdout.write(json.dumps(event, default=str) + "\n")
        sys.stdout.flush()


def keep_step(what: str, **facts: object) -> None:
    """Keep a step for ``--json``; for people it is shown as progress."""
    if _output.report is not None:
        _output.report.steps.append({"what": what, **facts})


def keep_note(text: str) -> None:
    """Keep for ``--json`` what people are told beside the results."""
    if _output.report is not None:
        _output.report.notes.append(text)


def error_console() -> Console:
    """Return a console on standard error; one that logs, where that is for logs alone."""
    if _output.logs_progress:
        return Console(file=_Lines(_log_line), highlight=False, soft_wrap=True)
    return Console(stderr=True, highlight=False, soft_wrap=True)


def result_console() -> Console:
    """Return a console on standard output; with ``--json``, one that keeps the lines."""
    if _output.report is None:
        return Console(highlight=False, soft_wrap=True)
    return Console(file=_Lines(_output.report.add_lines), highlight=False, soft_wrap=True)


class _Lines(io.StringIO):
    """A file whose lines are handed on."""

    def __init__(self, take: Callable[[str], None]) -> None:
        super().__init__()
        self._take = take

    def write(self, text: str) -> int:
        self._take(text)
        return len(text)


def _log_line(text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            _log.info(line.strip())


@contextmanager
def point_progress(what: str) -> Iterator[PointsCallback]:
    """Show how many points of a computation are done."""
    with Progress(console=error_console()) as progress:
        task = progress.add_task(what, total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield report
