"""The page of the commands says what --help says, of every command, with an example."""

import re
from pathlib import Path

import typer

from zkfl.audit import cli_page
from zkfl.cli.app import app

ROOT = Path(__file__).parents[2]
COMMANDS = dict(cli_page.commands_below(typer.main.get_command(app)))
TEXT = cli_page.pages(ROOT)[cli_page.PAGE]


def test_the_page_is_as_made() -> None:
    assert (ROOT / cli_page.PAGE).read_text() == TEXT, "run scripts/contract_facts --update"


def test_each_command_has_a_section_with_an_example_of_it() -> None:
    sections = re.split(r"^## zkfl ", TEXT, flags=re.MULTILINE)[1:]
    by_words = {section.partition("\n")[0]: section for section in sections}
    assert by_words.keys() == COMMANDS.keys()
    for words, section in by_words.items():
        assert re.search(rf"^    zkfl {words}( |$)", section, re.MULTILINE), words


def test_each_option_of_each_command_is_listed_with_a_description_of_its_own() -> None:
    for words, command in COMMANDS.items():
        section = TEXT.partition(f"\n## zkfl {words}\n")[2].partition("\n## ")[0]
        head = TEXT.partition("\n## zkfl ")[0]
        for parameter in command.params:
            if parameter.opts[0].startswith("-") and parameter.opts[0] != "--help":
                name = ", ".join(parameter.opts)
                assert f"| `{name}` |" in section + head, (words, name)
