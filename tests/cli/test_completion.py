"""Shells complete commands, hospitals and circuits; the old names of the model's commands work."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from zkfl.cli.app import app
from zkfl.cli.completion import circuit_names, hospital_names, training_circuit_names
from zkfl.zk_circuits.instances import get_instance, instance_names
from zkfl.zk_circuits.shelf import definitions

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def zkfl(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which ``zkfl`` is a command."""
    program = tmp_path / "bin" / "zkfl"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom zkfl.cli.app import main\nmain()\n")
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}


@pytest.fixture
def consortium(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    hospitals = ["hospital-01", "hospital-02", "clinic", "$(touch pwned)"]
    (folder / "consortium.json").write_text(json.dumps({"hospitals": hospitals}))
    return folder


def in_bash(zkfl: dict[str, str], *lines: tuple[object, ...]) -> list[list[str]]:
    """Press the tabulator after each of these lines, with the script that ``zkfl`` prints."""
    pressed = (
        f"COMP_WORDS=({' '.join(shlex.quote(str(word)) for word in line)})\n"
        f"COMP_CWORD={len(line) - 1}\n_zkfl_completion zkfl\n"
        'echo "${COMPREPLY[@]}"\n'
        for line in lines
    )
    script = 'eval "$(zkfl --show-completion bash)"\n' + "".join(pressed)
    bash = shutil.which("bash")
    assert bash is not None
    command = [bash, "--norc", "-c", script]
    done = subprocess.run(command, env=zkfl, capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def in_zsh(zkfl: dict[str, str], line: str) -> str:
    """Return what ``zkfl`` answers to the function that it prints for zsh."""
    asking = {**zkfl, "_ZKFL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}
    done = subprocess.run(["zkfl"], env=asking, capture_output=True, text=True, check=True)  # noqa: S607 - from this test's own folder
    return done.stdout


def test_bash_completes_commands_hospitals_and_circuits(
    zkfl: dict[str, str], consortium: Path
) -> None:
    assert in_bash(
        zkfl,
        ("zkfl", "model", ""),
        ("zkfl", "train", consortium, "--site", "hosp"),
        ("zkfl", "circuits", "show", "adm"),
    ) == [
        ["export", "card", "predict", "check-prediction", "deploy-verifier"],
        ["hospital-01", "hospital-02"],
        circuit_names("adm"),
    ]


def test_zsh_gets_the_same(zkfl: dict[str, str], consortium: Path) -> None:
    answer = in_zsh(zkfl, f"zkfl train {consortium} --site hosp")
    assert '"hospital-01"' in answer
    assert '"clinic"' not in answer
    installed = {**zkfl, "_ZKFL_COMPLETE": "source_zsh"}
    done = subprocess.run(["zkfl"], env=installed, capture_output=True, text=True, check=True)  # noqa: S607 - as above
    assert "#compdef zkfl" in done.stdout


def test_only_names_are_offered(consortium: Path, tmp_path: Path) -> None:
    assert offered(consortium) == ["hospital-01", "hospital-02", "clinic"]
    assert offered(tmp_path / "nowhere") == []
    for text in ('{"hospitals": 7}', "[]", "{"):
        (consortium / "consortium.json").write_text(text)
        assert offered(consortium) == []


def offered(folder: Path) -> list[str]:
    context = typer.main.get_command(app).make_context("zkfl", [], resilient_parsing=True)
    context.params["folder"] = folder
    return hospital_names(context, "")


def test_circuits_are_named_without_loading_them() -> None:
    assert circuit_names("") == sorted(definitions())
    trained = sorted(get_instance(name).training.name for name in instance_names())
    assert training_circuit_names("") == trained


@pytest.mark.parametrize("old", ["export", "predict"])
def test_the_old_names_work_and_are_not_shown(run_zkfl: Run, old: str) -> None:
    help_of_all = run_zkfl("--help").out
    assert f" {old} " not in help_of_all
    assert " model " in help_of_all
    done = run_zkfl(old, "--help")
    assert done.status == 0
    assert f"zkfl model {old} " in done.out
