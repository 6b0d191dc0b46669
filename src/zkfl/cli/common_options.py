"""Options that every command has, added in one place: commands do not know of them."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from zkfl.cli.output import start_output

_PANEL = "Output"
_JSON = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write one JSON object to standard output, for programs.",
        rich_help_panel=_PANEL,
    ),
]
Command = Callable[..., Any]


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
    parameters = [*own, _option("as_json", _JSON, default=False)]

    @functools.wraps(callback)
    def run(*, as_json: bool, **arguments: object) -> object:
        start_output(words, as_json=as_json)
        return callback(**arguments)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _option(name: str, annotation: object, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)
