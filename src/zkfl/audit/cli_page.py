"""docs/reference/cli.md: every command as ``--help`` describes it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from zkfl.cli.app import app
from zkfl.cli.exit_codes import ExitCode

PAGE = Path("docs/reference/cli.md")
_PANEL_OF_ALL = "Output and logs"
_HEAD = """# Commands of zkfl

Made from `zkfl <command> --help` by `scripts/contract_facts --update`. In a checkout, `zkfl` is
`scripts/zkfl`. Results go to standard output, progress and errors to standard error. Every command
can be repeated: what is done already is reported and not sent again. It ends with one of the
[exit codes](exit-codes.md). Where an option has a variable of the environment too, the option goes
first.
"""


def pages(_: Path) -> dict[Path, str]:
    """Return the page's text by its path."""
    commands = dict(commands_below(typer.main.get_command(app)))
    first = next(iter(commands.values()))
    sections = [_HEAD, "## Options of every command\n", _table(first, of_all=True)]
    for words, command in commands.items():
        sections += [f"\n## zkfl {words}\n", _described(words, command)]
    codes = ", ".join(f"{int(code)} {code.name}" for code in ExitCode)
    sections.append(f"\n## Exit codes\n\n{codes}: see [exit-codes.md](exit-codes.md).\n")
    return {PAGE: "\n".join(sections)}


def commands_below(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield every command of a group that its help shows; typer has no public name for its type."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from commands_below(command, f"{before}{name} ")
        else:
            yield before + name, command


def _described(words: str, command: Any) -> str:  # noqa: ANN401 - as above
    text, _, examples = re.sub(r"\n +", "\n", str(command.help)).partition("Example")
    arguments = [p.name for p in command.params if not _is_option(p)]
    usage = " ".join(["zkfl", words, *(f"<{name}>" for name in arguments)])
    shown = examples.lstrip("s").lstrip(": ").replace("\n", " ").split(" | ")
    block = "\n".join(f"    {re.sub(' +', ' ', line).strip()}" for line in shown)
    return (
        f"{text.strip()}\n\nUsage: `{usage}` and options. Examples:\n\n{block}\n\n{_table(command)}"
    )


def _table(command: Any, *, of_all: bool = False) -> str:  # noqa: ANN401 - as above
    rows = [
        _row(parameter)
        for parameter in command.params
        if (getattr(parameter, "rich_help_panel", None) == _PANEL_OF_ALL) == of_all
        and "--help" not in parameter.opts
    ]
    if not rows:
        return "No options of its own.\n"
    return "\n".join(["| option | default | what |", "|---|---|---|", *rows, ""])


def _row(parameter: Any) -> str:  # noqa: ANN401 - as above
    name = ", ".join(parameter.opts) if _is_option(parameter) else f"<{parameter.name}>"
    default = "required" if parameter.required else _default(parameter.default)
    what = str(getattr(parameter, "help", None) or "").replace("|", "\\|")
    variable = getattr(parameter, "envvar", None)
    said = f"{what} Variable: `{variable}`." if variable else what
    return f"| `{name}` | {default} | {said} |"


def _default(value: object) -> str:
    if value is None or value is False or value == ():
        return ""
    return f"`{getattr(value, 'value', value)}`"


def _is_option(parameter: Any) -> bool:  # noqa: ANN401 - as above
    return bool(parameter.opts[0].startswith("-"))
