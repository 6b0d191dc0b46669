"""A demo that cannot run says so before it starts anything."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode

Run = Callable[..., SimpleNamespace]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--hospitals", 2], "2 hospitals: choose 3 to 16; a sum of two updates would reveal"),
        (["--hospitals", 17], "17 hospitals: choose 3 to 16"),
        (["--hospitals", 0], "0 hospitals: choose 3 to 16"),
        (["--hospitals", -3], "-3 hospitals: choose 3 to 16"),
        (["--rounds", 0], "0 rounds: at least 1 is needed"),
        (["--rounds", -1], "-1 rounds: at least 1 is needed"),
        (["--dataset", "lung"], "no data set 'lung': choose one of wdbc, heart"),
        (["--dataset", "../wdbc"], "no data set '../wdbc'"),
        (["--dataset", "heart", "--hospitals", 5], "heart has 4 real hospitals, 5 were asked for"),
        (["--dataset", "tcga-brca", "--hospitals", 4], "tcga-brca has 6 real hospitals, 4 were"),
        (["--chain", "geth"], "no local chain 'geth': choose one of anvil, hardhat"),
        (["--scheme", "rsa"], "scheme: Input should be 'bfv' or 'ckks' (got 'rsa')"),
        (["--weights", "mine"], "weight_rule: Input should be 'records', 'capped'"),
    ],
)
def test_settings_that_cannot_run_are_refused_in_one_message(
    run_zkfl: Run, tmp_path: Path, words: list[object], message: str
) -> None:
    done = run_zkfl("demo", "--out", tmp_path / "run", *words)
    assert done.status == ExitCode.CONFIG
    assert message in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "words", [["--hospitals", "three"], ["--rounds", "1.5"], ["--workers", 0], ["--cloud"]]
)
def test_words_that_are_no_options_are_usage_errors(run_zkfl: Run, words: list[object]) -> None:
    done = run_zkfl("demo", *words)
    assert done.status == 2
    assert "zkfl demo [OPTIONS]" in done.err


def test_results_of_an_earlier_run_are_not_overwritten(run_zkfl: Run, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("results")
    done = run_zkfl("demo", "--out", tmp_path)
    assert done.status == ExitCode.CONFIG
    assert "is not empty: name another folder with --out" in done.err
    assert (tmp_path / "kept").read_text() == "results"


def test_a_file_in_the_place_of_the_folder_is_refused(run_zkfl: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_zkfl("demo", "--out", tmp_path / "file")
    assert done.status == ExitCode.FILES
    assert "Not a directory" in done.err
    assert "Traceback" not in done.err


def test_a_folder_that_cannot_be_made_is_named_before_the_work(
    run_zkfl: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = run_zkfl("demo", "--out", tmp_path / "file" / "run")
    assert done.status == ExitCode.FILES
    assert f"the folder {tmp_path / 'file' / 'run'} cannot be made" in done.err
    assert "building circuits" not in done.err


def test_a_file_that_could_not_be_written_at_the_end_is_refused_at_once(
    run_zkfl: Run, tmp_path: Path
) -> None:
    for path in (tmp_path / "none" / "result.json", tmp_path):
        done = run_zkfl("demo", "--out", tmp_path / "run", "--results", path)
        assert done.status == ExitCode.CONFIG
        assert f"--results {path} cannot be written" in done.err
    assert not (tmp_path / "run").exists()
