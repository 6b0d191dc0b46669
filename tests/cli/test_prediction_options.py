"""Options of proven predictions are refused where the command would not look at them."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.prediction_options import require_no_out, require_prove, require_records
from zkfl.inference.errors import InferenceError

Run = Callable[..., SimpleNamespace]
PREDICT = ("model", "predict", "model.onnx", "patients.csv")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--row", 2), "--row"),
        (("--public",), "--public"),
        (("--consortium", "consortium"), "--consortium"),
        (("--site", "hospital-01"), "--site"),
        (("--srs", "kzg.srs"), "--srs"),
        (("--public", "--row", 1), "--row, --public"),
    ],
)
def test_without_a_proof_its_options_are_refused(
    run_zkfl: Run, options: tuple[object, ...], named: str
) -> None:
    done = run_zkfl(*PREDICT, *options)
    assert (done.status, done.out) == (ExitCode.NOT_NOW, "")
    assert f"only a proof takes {named}: name its file with --prove" in done.err


def test_with_a_proof_the_file_of_scores_is_refused(run_zkfl: Run, tmp_path: Path) -> None:
    scores, proof = tmp_path / "scores.csv", tmp_path / "p.json"
    done = run_zkfl(*PREDICT, "--prove", proof, "--consortium", tmp_path, "--out", scores)
    assert (done.status, done.out) == (ExitCode.NOT_NOW, "")
    assert "is for scores, and with --prove there are none" in done.err
    assert not list(tmp_path.iterdir())


def test_a_row_of_no_records_is_refused(run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl("model", "check-prediction", tmp_path / "p.json", tmp_path, "--row", 3)
    assert (done.status, done.out) == (ExitCode.NOT_NOW, "")
    assert "--row 3 is of no file: name the records with --records" in done.err


def test_what_belongs_together_is_taken() -> None:
    require_prove({"--row": None, "--public": False})
    require_no_out(None)
    require_records(Path("patients.csv"), 3)
    require_records(Path("patients.csv"), None)
    require_records(None, None)


def test_every_value_counts_as_given() -> None:
    with pytest.raises(InferenceError, match="only a proof takes --row, --site: "):
        require_prove({"--row": 0, "--site": "", "--public": False})
