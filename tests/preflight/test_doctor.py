"""``zkfl doctor``: this machine is fit, and what would make it unfit is named."""

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.preflight import environment

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZKFL_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "circuits").mkdir(parents=True)
    (tmp_path / "cache" / "srs").mkdir()
    return tmp_path / "cache"


def findings(done: SimpleNamespace) -> dict[str, dict[str, str]]:
    return {entry["name"]: entry for entry in json.loads(done.out)["result"]["findings"]}


def test_this_machine_is_fit(run_zkfl: Run, cache: Path) -> None:
    done = run_zkfl("doctor", "--json")
    found = findings(done)
    assert done.status == 0, found
    assert set(found) >= {*environment.PACKAGES, "python", "node", "anvil", "solc", "locks"}
    assert found["solc"]["detail"] == "0.8.30"
    assert found["ezkl"]["detail"] == "23.0.5"
    assert str(cache) in found["cache"]["detail"]


def test_another_version_of_a_package_fails(run_zkfl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_pins", lambda: {"ezkl": "22.0.0"})
    done = run_zkfl("doctor", "--json")
    assert done.status == ExitCode.CHECK_FAILED
    assert findings(done)["ezkl"]["detail"] == "23.0.5, zkfl needs 22.0.0"


def test_the_pins_are_those_of_the_project() -> None:
    assert environment._pins().items() >= {"ezkl": "23.0.5", "web3": "8.0.0"}.items()  # noqa: SLF001


@pytest.mark.usefixtures("cache")
def test_without_node_it_fails(run_zkfl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zkfl.preflight.environment.shutil.which", lambda _: None)
    done = run_zkfl("doctor", "--json")
    assert done.status == ExitCode.CHECK_FAILED
    assert findings(done)["node"]["remedy"].startswith("install Node 20")


def test_a_program_that_does_not_run_fails(
    run_zkfl: Run, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = cache / "anvil"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setattr(environment, "find_anvil", lambda: program)
    done = run_zkfl("doctor", "--json")
    assert done.status == ExitCode.CHECK_FAILED
    assert "does not run: it ended with 3" in findings(done)["anvil"]["detail"]


def test_what_a_killed_build_left_is_named_once_it_is_old(run_zkfl: Run, cache: Path) -> None:
    left = cache / "circuits" / ".build-abc"
    left.mkdir()
    assert findings(run_zkfl("doctor", "--json"))["interrupted builds"]["level"] == "ok"
    os.utime(left, (0, 0))
    done = run_zkfl("doctor", "--json")
    assert done.status == 0
    assert findings(done)["interrupted builds"]["level"] == "warn"


def test_a_lock_counts_while_it_is_held(run_zkfl: Run, cache: Path) -> None:
    path = cache / "circuits" / "admission-wdbc.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = findings(run_zkfl("doctor", "--json"))["locks"]
    assert held["level"] == "warn"
    assert "some process builds admission-wdbc" in held["detail"]
    assert findings(run_zkfl("doctor", "--json"))["locks"]["level"] == "ok"


def test_a_damaged_srs_fails(run_zkfl: Run, cache: Path) -> None:
    assert run_zkfl("srs", "demo", cache / "srs" / "ours.srs", "--logrows", 4).status == 0
    assert findings(run_zkfl("doctor", "--json"))["SRS ours"]["level"] == "ok"
    os.truncate(cache / "srs" / "ours.srs", 100)
    done = run_zkfl("doctor", "--json")
    assert done.status == ExitCode.CHECK_FAILED
    assert findings(done)["SRS ours"]["level"] == "fail"
