"""Commands that pages show in blocks exist, with every option that stands beside them."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from zkfl.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
COMMAND = re.compile(r"(?:^|\s|/)zkfl ([^;|&#$]*)")


def shown(text: str) -> Iterator[str]:
    """Yield the words behind ``zkfl`` in a page's indented lines, continued ones put together."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("    "):
            yield from COMMAND.findall(line)


@functools.cache
def all_commands() -> click.Command:
    return typer.main.get_command(app)


def unknown(line: str) -> list[str]:
    """Return the word that is no command, or the options that the command lacks."""
    words, command = line.split(), all_commands()
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.commands.get(words.pop(0))
        if found is None:
            return [line]
        command = found
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    return sorted(options - known - {"--help", "--version"})


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_shows_commands_that_there_are(page: Path) -> None:
    assert [wrong for line in shown(page.read_text()) for wrong in unknown(line)] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("deploy office --srs consortium.srs", []),
        ("council list consortium --last 5", []),
        ("deploy office --sprs consortium.srs", ["--sprs"]),
        ("council tell consortium", ["council tell consortium"]),
    ],
)
def test_a_command_that_there_is_not_is_seen(line: str, wrong: list[str]) -> None:
    assert unknown(line) == wrong
    assert list(shown(f"text\n\n    scripts/zkfl {line}  # why\n")) == [f"{line}  "]
