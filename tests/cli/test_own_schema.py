"""``zkfl init --schema``: agreements about records that no data set of zkfl has."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.agreed_schema import agreed_schema
from zkfl.cli.exit_codes import ExitCode
from zkfl.consortium import Consortium
from zkfl.datasets.public_schema import public_schema
from zkfl.node.records.schema import RecordSchema
from zkfl.workspace import Workspace

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def ours() -> RecordSchema:
    return public_schema("heart").model_copy(update={"name": "ours"})


@pytest.fixture
def file(ours: RecordSchema, tmp_path: Path) -> Path:
    path = tmp_path / "schema.json"
    path.write_text(ours.to_json())
    return path


def test_agreements_state_the_schema(
    run_zkfl: Run, file: Path, ours: RecordSchema, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "office")
    options = ("--schema", file, "--circuits", "heart", "--no-keys", "--hospitals", 3)
    done = run_zkfl("init", workspace.root, *options)
    assert done.status == 0, done.err
    consortium = Consortium.load(workspace.consortium)
    assert (consortium.dataset, consortium.schema_sha256) == ("ours", ours.digest())
    assert len(consortium.hospitals) == 3
    assert not consortium.proven_metrics
    assert agreed_schema(workspace, consortium, public_schema) == ours


def test_metrics_are_agreed_on(
    run_zkfl: Run, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # set for other commands, it is no option of this one
    monkeypatch.setenv("ZKFL_DATA_DIR", str(tmp_path))
    workspace = Workspace(tmp_path / "office")
    options = ("--schema", file, "--circuits", "heart", "--no-keys", "--metrics")
    done = run_zkfl("init", workspace.root, *options)
    assert done.status == 0, done.err
    consortium = Consortium.load(workspace.consortium)
    assert consortium.proven_metrics
    assert len(consortium.hospitals) == 4


@pytest.mark.parametrize(
    "option",
    [("--dataset", "wdbc"), ("--seed", 0), ("--data-dir", ".")],
    ids=lambda words: words[0],
)
def test_options_of_a_data_set_are_refused(
    run_zkfl: Run, file: Path, tmp_path: Path, option: tuple[object, ...]
) -> None:
    options = ("--schema", file, "--circuits", "heart", "--no-keys", *option)
    done = run_zkfl("init", tmp_path / "office", *options)
    assert done.status == ExitCode.NOT_NOW
    assert f"{option[0]} does not go with" in done.err
    assert not (tmp_path / "office").exists()


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (("--circuits", "heart"), ExitCode.NOT_NOW, "add --no-keys"),
        (("--no-keys",), ExitCode.NOT_NOW, "name --circuits"),
        (("--no-keys", "--circuits", "wdbc"), ExitCode.CONFIG, "has 15 features"),
    ],
    ids=["keys", "no circuits", "other circuits"],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(  # noqa: PLR0913, PLR0917 - fixtures
    run_zkfl: Run,
    file: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    code: ExitCode,
    reason: str,
) -> None:
    done = run_zkfl("init", tmp_path / "office", "--schema", file, *options)
    assert done.status == code
    assert reason in done.err
    assert not (tmp_path / "office").exists()
