"""Where commands write: results to standard output, progress and errors to standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

PointsCallback = Callable[[int, int], None]
"""Gets the points done and the points in all."""


def error_console() -> Console:
    """Return a console on standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def result_console() -> Console:
    """Return a console on standard output."""
    return Console(highlight=False, soft_wrap=True)


@contextmanager
def point_progress(what: str) -> Iterator[PointsCallback]:
    """Show how many points of a computation are done."""
    with Progress(console=error_console()) as progress:
        task = progress.add_task(what, total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield report
