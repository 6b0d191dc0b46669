"""Where commands write: results to standard output, progress and errors to standard error."""

from rich.console import Console


def error_console() -> Console:
    """Return a console on standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def result_console() -> Console:
    """Return a console on standard output."""
    return Console(highlight=False, soft_wrap=True)
