"""``zkfl predict``: scores on standard output, refusals in one message and status 1."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.federation import Federation
from zkfl.model_export import export_model, predict
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.model_choice import LOGISTIC

Run = Callable[..., SimpleNamespace]
BOUNDS = FeatureBounds(4, 4)


@pytest.fixture(scope="module")
def federation() -> Federation:
    return load_federation("wdbc", BOUNDS)


@pytest.fixture(scope="module")
def model(federation: Federation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    count = len(federation.feature_names) + 1
    parameters = [int(v) for v in np.random.default_rng(3).normal(size=count) * 2**49]
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    return export_model(LOGISTIC, parameters, federation.schema, BOUNDS, {"round": "1"}, path)


@pytest.fixture
def records(federation: Federation, tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    federation.test_records.to_csv(path, index=False)
    return path


def test_scores_go_to_standard_output_as_csv(run_zkfl: Run, model: Path, records: Path) -> None:
    done = run_zkfl("predict", model, records)
    assert (done.status, done.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    expected = predict(model, records)
    assert [int(row["row"]) for row in rows] == list(range(1, len(expected) + 1))
    assert [float(row["probability"]) for row in rows] == expected["probability"].tolist()
    assert [int(row["label"]) for row in rows] == expected["label"].tolist()


def test_scores_can_go_to_a_private_file(
    run_zkfl: Run, model: Path, records: Path, tmp_path: Path
) -> None:
    shown = run_zkfl("predict", model, records).out
    done = run_zkfl("predict", model, records, "--out", tmp_path / "new" / "scores.csv")
    assert (done.status, done.out) == (0, "")
    assert "wrote" in done.err
    assert (tmp_path / "new" / "scores.csv").read_text() == shown
    assert (tmp_path / "new" / "scores.csv").stat().st_mode & 0o777 == 0o600


def edited(records: Path, row: int, column: str, cell: str) -> None:
    lines = list(csv.reader(records.open(newline="")))
    lines[row][lines[0].index(column)] = cell
    with records.open("w", newline="") as file:
        csv.writer(file).writerows(lines)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("five", "'five' is not a number; write 12.5\n"),
        ("nan", "row 2, column 'mean_radius': the value is missing"),
        ("-1", "is outside [0, 60]"),
        ("1e9", "is outside [0, 60]"),
        ("inf", "is not a number"),
        ("=cmd|'/c calc'!A1", "is not a number"),
        ("\x1b[31mred", "is not a number"),
    ],
)
def test_a_record_that_breaks_the_schema_is_named(
    run_zkfl: Run, model: Path, records: Path, cell: str, message: str
) -> None:
    edited(records, 2, "mean_radius", cell)
    done = run_zkfl("predict", model, records)
    assert (done.status, done.out) == (ExitCode.INPUT, "")
    assert "error (RecordsError)" in done.err
    assert message in done.err
    assert "\x1b[31mred" not in done.err, "a cell must not reach the terminal as a command"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02", "lacks column(s)"),
        (b"\xff\xfe\x00", "RecordsFileError"),
        (b"mean_radius\n1\n", "mean_texture"),
        (b"a,a\n1,2\n", "RecordsFileError"),
        (b'"' * 120_000, "lacks column(s)"),
        (b"x," * 100_000, "RecordsFileError"),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    run_zkfl: Run, model: Path, records: Path, content: bytes, message: str
) -> None:
    records.write_bytes(content)
    done = run_zkfl("predict", model, records)
    assert (done.status, done.out) == (ExitCode.INPUT, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert len(done.err) < 5_000, "a hostile file must not flood the terminal"


def with_other_operator(path: Path) -> bytes:
    graph = onnx.load(path)
    graph.graph.node[0].op_type = "Loop"
    return graph.SerializeToString()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: b"", "ModelFileError"),
        (lambda path: path.read_bytes()[:-100], "ModelFileError"),
        (lambda _: b"\x80\x04\x95pickle", "no ONNX model"),
        (with_other_operator, "Loop"),
        (lambda _: b"\x00" * (5 << 20), "at most"),
    ],
    ids=["empty", "cut", "pickle", "loop", "huge"],
)
def test_a_model_file_that_zkfl_would_not_write_is_refused(  # noqa: PLR0913, PLR0917 (fixtures)
    run_zkfl: Run,
    model: Path,
    records: Path,
    tmp_path: Path,
    change: Callable[[Path], bytes],
    message: str,
) -> None:
    hostile = tmp_path / "hostile.onnx"
    hostile.write_bytes(change(model))
    done = run_zkfl("predict", hostile, records)
    assert (done.status, done.out) == (ExitCode.INPUT, "")
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_header_alone_holds_nothing_to_score(run_zkfl: Run, model: Path, records: Path) -> None:
    records.write_text(records.read_text().splitlines()[0] + "\n")
    done = run_zkfl("predict", model, records)
    assert (done.status, done.out) == (ExitCode.INPUT, "")
    assert "there are no records to score" in done.err


def test_missing_files_are_named(run_zkfl: Run, model: Path, records: Path, tmp_path: Path) -> None:
    for words in ((tmp_path / "none.onnx", records), (model, tmp_path / "none.csv")):
        done = run_zkfl("predict", *words)
        assert done.status == ExitCode.INPUT
        assert "none." in done.err
        assert done.err.count("cannot be read") <= 1
        assert "Traceback" not in done.err


def test_scores_that_cannot_be_written_are_an_error(
    run_zkfl: Run, model: Path, records: Path, tmp_path: Path
) -> None:
    done = run_zkfl("predict", model, records, "--out", tmp_path)
    assert done.status == ExitCode.FILES
    assert "Is a directory" in done.err
    assert "Traceback" not in done.err
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}*"))
