"""How every command ends: one message, one number, and with ``--json`` one object."""

import sys
import traceback
from collections.abc import Sequence

import typer
from typer.rich_utils import rich_abort_error, rich_format_error

from zkfl.cli.exit_codes import ExitCode, exit_code_of
from zkfl.cli.output import end_output, error_console, start_output
from zkfl.errors import ZkflError

_CODES = {int(code): code for code in ExitCode}


def run_to_the_end(app: typer.Typer, words: Sequence[str]) -> int:
    """Run a command line and return its exit status.

    What zkfl or the file system refuses is one message. Anything else is a bug, and shown with
    the place where it happened.
    """
    # for what goes wrong before a command is known
    start_output("", as_json="--json" in words)
    try:
        ended = app(list(words), standalone_mode=False)
    except typer.TyperException as error:
        rich_format_error(error)  # type: ignore[arg-type]
        return _end_with(ExitCode.USAGE, error, error.format_message())
    except typer.Abort as error:
        rich_abort_error()
        return _end_with(ExitCode.ABORTED, error, ExitCode.ABORTED.meaning)
    except (ZkflError, OSError) as error:
        error_console().print(f"[bold red]error[/] ({type(error).__name__}):", end=" ")
        error_console().print(str(error), markup=False)
        return _end_with(exit_code_of(error), error, str(error))
    except KeyboardInterrupt as error:
        return _end_with(ExitCode.INTERRUPTED, error, ExitCode.INTERRUPTED.meaning)
    except Exception as error:  # noqa: BLE001 - the last place where it can be told
        sys.stderr.write(traceback.format_exc())
        return _end_with(ExitCode.INTERNAL, error, str(error))
    return _end_unraised(ended)


def _end_unraised(ended: object) -> int:
    """End a command that raised nothing: with its own status, if it has one."""
    code = _CODES.get(ended, ExitCode.INTERNAL) if isinstance(ended, int) else ExitCode.OK
    if code is ExitCode.OK:
        end_output()
    else:
        end_output({"code": int(code), "name": code.name, "message": code.meaning})
    return int(code)


def _end_with(code: ExitCode, error: BaseException, message: str) -> int:
    name = type(error).__name__
    end_output({"code": int(code), "name": name, "message": message})
    return int(code)
