"""How every command ends: one message, one number, and with ``--json`` one object."""

import logging
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer
from typer.rich_utils import rich_abort_error, rich_format_error

from zkfl.cli.exit_codes import ExitCode, exit_code_of
from zkfl.cli.output import end_output, error_console, logs_progress, start_output
from zkfl.errors import ZkflError
from zkfl.foreign_text import foreign_text
from zkfl.logs import logger

_log = logger("command")
_MESSAGE_MAY_QUOTE_RECORDS = {ExitCode.INPUT, ExitCode.INTERNAL}
_DEEPEST_FRAMES = 12
_CODES = {int(code): code for code in ExitCode}
# typer's own from 0.21 on; up to 0.20, which Flower asks for, click's
_CommandLineError: Any = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)


def run_to_the_end(app: typer.Typer, words: Sequence[str]) -> int:
    """Run a command line and return its exit status.

    What zkfl or the file system refuses is one message. Anything else is a bug, and shown with
    the place where it happened.
    """
    # for what goes wrong before a command is known
    start_output("", as_json="--json" in words)
    try:
        ended = app(list(words), standalone_mode=False)
    except _CommandLineError as error:
        rich_format_error(error)
        return _end_with(ExitCode.USAGE, error, error.format_message())
    except typer.Abort as error:
        rich_abort_error()
        return _end_with(ExitCode.ABORTED, error, ExitCode.ABORTED.meaning)
    except (ZkflError, OSError) as error:
        _show(error)
        return _end_with(exit_code_of(error), error, str(error))
    except KeyboardInterrupt as error:
        return _end_with(ExitCode.INTERRUPTED, error, ExitCode.INTERRUPTED.meaning)
    except Exception as error:  # noqa: BLE001 - the last place where it can be told
        if logs_progress():
            _log_place(error)
        else:
            sys.stderr.write(traceback.format_exc())
        return _end_with(ExitCode.INTERNAL, error, str(error))
    return _end_unraised(ended)


def _log_place(error: Exception) -> None:
    """Log where a bug is, without what it says: a library may quote a patient's value."""
    frames = traceback.format_tb(error.__traceback__, limit=-_DEEPEST_FRAMES)
    _log.error("bug", name=type(error).__name__, frames="".join(frames))


def _end_unraised(ended: object) -> int:
    """End a command that raised nothing: with its own status, if it has one."""
    code = _CODES.get(ended, ExitCode.INTERNAL) if isinstance(ended, int) else ExitCode.OK
    if code is ExitCode.OK:
        _log.info("command ended", code=0)
        end_output()
        return 0
    return _end(code, code.name, code.meaning)


def _end_with(code: ExitCode, error: BaseException, message: str) -> int:
    return _end(code, type(error).__name__, message)


def _end(code: ExitCode, name: str, message: str) -> int:
    # a message about a file, or of a library that choked on one, may quote a patient's value, and
    # logs travel further than screens
    shown = code.meaning if code in _MESSAGE_MAY_QUOTE_RECORDS else message
    # people read it on the screen anyway
    level = logging.ERROR if logs_progress() else logging.INFO
    _log.log(level, "command failed", code=int(code), name=name, message=shown)
    end_output({"code": int(code), "name": name, "message": message})
    return int(code)


def _show(error: Exception) -> None:
    """Show a refusal to people; where standard error is for logs, the event says it."""
    if not logs_progress():
        error_console().print(f"[bold red]error[/] ({type(error).__name__}):", end=" ")
        error_console().print(_without_controls(str(error)), markup=False)


def _without_controls(message: str) -> str:
    """Return a message whose names of files and the like move no cursor; lines stay lines."""
    return "".join(
        each if each.isprintable() or each == "\n" else foreign_text(each) for each in message
    )
