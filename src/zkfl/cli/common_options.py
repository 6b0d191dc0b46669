"""Options that every command has, added in one place: commands do not know of them."""

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from zkfl.cli.output import start_output
from zkfl.cli.party_logs import log_settings_of, write_logs
from zkfl.logs import logger
from zkfl.logs.setup import LogFormat, LogLevel, LogSettings
from zkfl.party_config import set_flags

_PANEL = "Output and logs"
_JSON = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write one JSON object to standard output, for programs.",
        rich_help_panel=_PANEL,
    ),
]
_LEVEL = Annotated[
    LogLevel | None,
    typer.Option(
        "--log-level",
        envvar="ZKFL_LOG_LEVEL",
        help="What is logged; default: warnings, or info for JSON and files.",
        rich_help_panel=_PANEL,
    ),
]
_FORMAT = Annotated[
    LogFormat,
    typer.Option(
        "--log-format",
        envvar="ZKFL_LOG_FORMAT",
        help="Of standard error: for people, or JSON lines and nothing else.",
        rich_help_panel=_PANEL,
    ),
]
_FILE = Annotated[
    Path | None,
    typer.Option(
        "--log-file",
        envvar="ZKFL_LOG_FILE",
        help="Append JSON lines to this file too.",
        rich_help_panel=_PANEL,
    ),
]
Command = Callable[..., Any]
_KEYWORD = inspect.Parameter.KEYWORD_ONLY
_log = logger("command")


def add_common_options(app: typer.Typer, before: str = "") -> None:
    """Give every command of an app, and of the groups in it, the options that all have."""
    for info in app.registered_commands:
        if info.callback is not None:
            name = info.name or info.callback.__name__.replace("_", "-")
            info.callback = _with_options(info.callback, before + name)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            add_common_options(group.typer_instance, f"{before}{group.name} ")


def _with_options(callback: Command, words: str) -> Command:
    """Return a command that takes the common options, and then does what it did."""
    own = inspect.signature(callback, eval_str=True).parameters.values()
    parameters = [
        inspect.Parameter("context", _KEYWORD, annotation=typer.Context),
        *(parameter.replace(kind=_KEYWORD) for parameter in own),
        _option("as_json", _JSON, default=False),
        _option("log_level", _LEVEL, default=None),
        _option("log_format", _FORMAT, default=LogFormat.HUMAN),
        _option("log_file", _FILE, default=None),
    ]

    @functools.wraps(callback)
    def run(
        *,
        context: typer.Context,
        as_json: bool,
        log_level: LogLevel | None,
        log_format: LogFormat,
        log_file: Path | None,
        **arguments: object,
    ) -> object:
        start_output(words, as_json=as_json)
        set_flags(_given(context))
        settings = LogSettings(log_level, log_format, log_file)
        if isinstance(home := arguments.get("home"), Path):
            settings = log_settings_of(home)
        write_logs(settings)
        _log.info("command started", command=words)
        return callback(**arguments)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _given(context: typer.Context) -> dict[str, object]:
    """Return the options that were given on the command line."""
    given: dict[str, object] = {}
    for name, value in context.params.items():
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            given[name] = value
    return given


def _option(name: str, annotation: object, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, _KEYWORD, default=default, annotation=annotation)
