"""``zkfl init --rate-schedule``: what is agreed on, and what circuits cannot keep."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.consortium import Consortium
from zkfl.demo.settings import DemoSettings, DemoSettingsError
from zkfl.rate_schedule import RateSchedule

Run = Callable[..., SimpleNamespace]


def test_a_schedule_is_agreed_on(run_zkfl: Run, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    options = ("--circuits", "wdbc-rate", "--metrics", "--rate-schedule")
    said = "plateau:rounds=3,records=100,metric=f1"
    done = run_zkfl("init", folder, "--no-keys", *options, said)
    assert done.status == ExitCode.OK, done.err
    agreed = Consortium.load(folder / "consortium.json").rate_schedule
    assert agreed == RateSchedule(rule="plateau", start=1024, rounds=3, records=100, metric="f1")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--rate-schedule", "constant"), "'wdbc' take no rate, and a schedule was agreed on"),
        (("--circuits", "wdbc-rate"), "'wdbc-rate' take a rate in each round, and no schedule"),
        (("--circuits", "wdbc-rate", "--rate-schedule", "often"), "'often' is no schedule"),
        (
            ("--circuits", "wdbc-rate", "--rate-schedule", "plateau:rounds=1,records=1"),
            "judged by proven metrics",
        ),
    ],
)
def test_what_cannot_be_agreed_on(
    options: tuple[str, ...], reason: str, run_zkfl: Run, tmp_path: Path
) -> None:
    done = run_zkfl("init", tmp_path / "office", "--no-keys", *options)
    assert done.status == ExitCode.CONFIG
    said = " ".join(done.err.split())
    assert reason in said
    assert "{" not in said
    assert not (tmp_path / "office").exists()


def test_the_demo_judges_no_plateau(tmp_path: Path) -> None:
    with pytest.raises(DemoSettingsError, match="the demo proves none"):
        DemoSettings(
            *("wdbc", 4, 1, 0, "bfv", "records", 1, tmp_path / "new"),
            circuits="wdbc-rate",
            rate_schedule="plateau:rounds=1,records=1",
        )
