"""``scripts/case-study`` as it is typed: results kept, foreign files refused, statuses numbered."""

import json
from pathlib import Path

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.datasets.pinned_file import DATA_DIR_VARIABLE
from zkfl.studies.__main__ import main
from zkfl.studies.results import empty_results, write_results
from zkfl.studies.study import STUDIES

WORDS = ["wdbc", "--seeds", "2", "--only", "comparison"]


def test_a_run_writes_results_tables_and_plots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("words\n<!-- table parity -->\n<!-- end of table -->\n")
    assert main([*WORDS, "--out", str(tmp_path), "--page", str(page)]) == 0
    results = json.loads((tmp_path / "wdbc.json").read_text())
    assert [row["seed"] for row in results["comparison"]] == [0, 1]
    assert (tmp_path / "wdbc-ways.svg").exists()
    assert "| **verified** |" in page.read_text()
    assert "| **verified** |" in capsys.readouterr().out


def test_parts_of_an_earlier_run_of_the_same_study_stay(tmp_path: Path) -> None:
    kept = empty_results(STUDIES["wdbc"], 2) | {"proven": _PROVEN}
    write_results(kept, tmp_path / "wdbc.json")
    assert main([*WORDS, "--out", str(tmp_path)]) == 0
    assert json.loads((tmp_path / "wdbc.json").read_text())["proven"] == _PROVEN


def test_parts_of_another_study_do_not(tmp_path: Path) -> None:
    kept = empty_results(STUDIES["wdbc"], 3) | {"proven": _PROVEN}
    write_results(kept, tmp_path / "wdbc.json")
    assert main([*WORDS, "--out", str(tmp_path)]) == 0
    assert "proven" not in json.loads((tmp_path / "wdbc.json").read_text())


@pytest.mark.parametrize("content", ["[]", "{}", '{"format": "zkfl.demo.v1"}', "no JSON", "\xff"])
def test_a_foreign_file_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    path = tmp_path / "wdbc.json"
    path.write_bytes(content.encode("latin-1"))
    assert main([*WORDS, "--out", str(tmp_path)]) == ExitCode.CHECK_FAILED
    assert path.read_bytes() == content.encode("latin-1")
    assert "error (StudyError)" in capsys.readouterr().err


def test_absent_data_is_said_with_where_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)
    assert main(["tcga-brca", "--out", str(tmp_path)]) == ExitCode.CONFIG
    assert "https://github.com/owkin/FLamby" in capsys.readouterr().err


def test_a_page_that_is_not_there_is_said_before_the_work(tmp_path: Path) -> None:
    words = [*WORDS, "--out", str(tmp_path), "--page", str(tmp_path / "none.md")]
    assert main(words) == ExitCode.FILES
    assert not (tmp_path / "wdbc.json").exists()


def test_end_points_are_asked_of_survival_data_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["wdbc", "--only", "endpoints", "--out", str(tmp_path)]
    assert main(words) == ExitCode.CHECK_FAILED
    assert "wdbc has no end point to choose" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["lung"], ["wdbc", "--seeds", "1"], ["wdbc", "--prove", "no"]])
def test_words_that_make_no_sense_are_usage_errors(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == ExitCode.USAGE


_PROVEN = {
    "seed": 0,
    "rounds": 1,
    "hospitals": 4,
    "proofs_verified_on_chain": 12,
    "models_equal": 2,
    "entries_equal": 62,
}
