"""Every outcome has one number, and a page that says what to do about it."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

import zkfl
from zkfl.cli import ending
from zkfl.cli.exit_codes import FAMILIES, ExitCode, exit_code_of
from zkfl.errors import ZkflError

Run = Callable[..., SimpleNamespace]
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "exit-codes.md"
NUMBERS = {
    "OK": 0,
    "INTERNAL": 1,
    "USAGE": 2,
    "CONFIG": 3,
    "KEYS": 4,
    "CHAIN": 5,
    "REFUSED": 6,
    "FUNDS": 7,
    "PENDING": 8,
    "PROOF": 9,
    "INPUT": 10,
    "NOT_NOW": 11,
    "MISTRUST": 12,
    "STATE": 13,
    "FILES": 14,
    "CHECK_FAILED": 15,
    "ABORTED": 16,
    "INTERRUPTED": 130,
}
"""Written down a second time, so that no number changes its meaning unnoticed. Only add."""
PROCESSES = ("zkfl.zk_circuits.prove_child", "zkfl.drills.__main__")


def errors() -> set[type[ZkflError]]:
    for module in pkgutil.walk_packages(zkfl.__path__, "zkfl."):
        if not module.name.endswith("__main__") and module.name not in PROCESSES:
            importlib.import_module(module.name)
    return {error for error in below(ZkflError) if error.__module__.startswith("zkfl.")}


def below(ancestor: type[ZkflError]) -> Iterator[type[ZkflError]]:
    for error in ancestor.__subclasses__():
        yield error
        yield from below(error)


def test_no_number_changes_its_meaning() -> None:
    assert {code.name: int(code) for code in ExitCode} == NUMBERS


def test_every_error_ends_with_a_number_of_its_own_kind() -> None:
    untold = {
        error.__name__
        for error in errors()
        if exit_code_of(error.__new__(error)) in {ExitCode.INTERNAL, ExitCode.OK, ExitCode.USAGE}
    }
    assert not untold, "name them in zkfl.cli.exit_codes.FAMILIES"


def test_the_table_names_errors_that_exist_each_once() -> None:
    named = [name for names in FAMILIES.values() for name in names]
    existing = Counter(error.__name__ for error in errors())
    assert not [name for name in named if existing[name] != 1]
    assert len(named) == len(set(named))


def test_the_page_has_a_section_for_each_code_that_says_what_to_do() -> None:
    sections = re.findall(r"^## (\d+) (\w+)\n\n(.+)\n\n(.+)", PAGE.read_text(), re.MULTILINE)
    assert [(int(number), name, meaning) for number, name, meaning, _ in sections] == [
        (int(code), code.name, code.meaning) for code in ExitCode
    ]


def test_the_command_prints_the_table(run_zkfl: Run) -> None:
    done = run_zkfl("exit-codes")
    assert done.status == 0
    assert [line.split()[:2] for line in done.out.splitlines()] == [
        [str(int(code)), code.name] for code in ExitCode
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("a bug"), ExitCode.INTERNAL),
        (PermissionError(13, "Permission denied", "/x"), ExitCode.FILES),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (typer.Abort(), ExitCode.ABORTED),
        (typer.BadParameter("no"), ExitCode.USAGE),
        (typer.Exit(15), ExitCode.CHECK_FAILED),
        (typer.Exit(0), ExitCode.OK),
        (typer.Exit(99), ExitCode.INTERNAL),
    ],
)
def test_what_no_command_expects_has_its_number_too(
    error: BaseException, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise error

    assert ending.run_to_the_end(app, []) == code
    is_a_bug = code is ExitCode.INTERNAL and not isinstance(error, typer.Exit)
    assert ("Traceback" in capsys.readouterr().err) == is_a_bug
