"""With --json, standard output is one object, whatever happens."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from zkfl.cli import output
from zkfl.cli.app import app
from zkfl.cli.exit_codes import ExitCode

Run = Callable[..., SimpleNamespace]
ROOT = typer.main.get_command(app)


def commands(
    group: Any,  # noqa: ANN401 - typer has no public name for it
    before: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name), command


ALL = dict(commands(ROOT))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_the_option(words: tuple[str, ...]) -> None:
    assert [p.name for p in ALL[words].params if "--json" in p.opts] == ["as_json"]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_answers_a_wrong_option_with_one_object(
    run_zkfl: Run, words: tuple[str, ...]
) -> None:
    done = run_zkfl(*words, "--json", "--no-such-option")
    assert done.status == ExitCode.USAGE
    error = json.loads(done.out)["error"]
    assert (error["code"], error["name"]) == (2, "NoSuchOption")
    assert "--no-such-option" in error["message"]


@pytest.mark.parametrize(
    "words",
    [words for words, command in ALL.items() if any(p.name == "folder" for p in command.params)],
    ids=" ".join,
)
def test_every_command_for_a_folder_answers_a_wrong_one_with_one_object(
    run_zkfl: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    if words == ("init",):
        # its folder is new: what is wrong is the data set
        given: list[object] = ["--dataset", "lung", tmp_path / "new"]
    else:
        # a party is a hospital or a role: neither option alone is required
        given = ["--site", "hospital-01"] if words == ("join",) else []
        for parameter in ALL[words].params:
            if parameter.required:
                value = _value(parameter.name, tmp_path)
                option = parameter.opts[0]
                given += [option, value] if option.startswith("-") else [value]
    done = run_zkfl(*words, *given, "--json")
    said = json.loads(done.out)
    assert said["command"] == " ".join(words)
    assert said["error"]["code"] == done.status
    assert done.status not in {ExitCode.OK, ExitCode.INTERNAL, ExitCode.USAGE}, done.err
    # a check that did not pass is among the results
    assert said["error"]["message"] in done.err or done.status == ExitCode.CHECK_FAILED


def _value(name: str, folder: Path) -> object:
    values: dict[str, object] = {
        "contributor": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "role": "guardian",
        "machine": "worker",
        "circuit": "0d" * 32,
        "proof_length": 5152,
        "commitments": 6,
        "number": 1,
    }
    return values.get(name, folder)


def test_results_are_facts_with_names(run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl("srs", "demo", tmp_path / "demo.srs", "--logrows", 4, "--json")
    assert done.status == 0
    said = json.loads(done.out)
    assert said["command"] == "srs demo"
    assert "error" not in said
    assert said["result"].keys() == {"file", "logrows", "sha256", "insecure", "lines"}
    assert said["result"]["logrows"] == 4
    assert said["result"]["insecure"] is True


def test_what_is_only_printed_is_kept_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    output.start_output("some command", as_json=True)
    output.result_console().print("first [bold]line[/]")
    output.result_console().print("second line")
    assert capsys.readouterr().out == ""
    output.end_output()
    said = json.loads(capsys.readouterr().out)
    assert said["result"]["lines"] == ["first line", "second line"]


def test_a_command_without_the_option_follows_one_with_it(run_zkfl: Run, tmp_path: Path) -> None:
    run_zkfl("srs", "demo", tmp_path / "a.srs", "--logrows", 4, "--json")
    done = run_zkfl("srs", "check", tmp_path / "a.srs")
    assert done.out.startswith("file     ")
