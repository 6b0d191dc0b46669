"""Every model has a card of its own, and where a file cannot be written none is."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.release_card_steps import card_paths
from zkfl.release_card.errors import CardFileError

Run = Callable[..., SimpleNamespace]


def test_a_card_is_named_after_its_model() -> None:
    assert card_paths(Path("a/model.onnx")) == (
        Path("a/model.card.json"),
        Path("a/model.card.md"),
    )
    assert card_paths(Path("m.v1.onnx")) != card_paths(Path("m.v2.onnx"))


@pytest.mark.parametrize(
    "name", [".", "..", "/", "", "model", "model.v1", "model.onnx.v2", ".onnx", "model.ONNX"]
)
def test_a_name_whose_card_could_be_anothers_is_refused(name: str) -> None:
    with pytest.raises(CardFileError, match=r"name a file that ends in \.onnx"):
        card_paths(Path(name))


@pytest.mark.parametrize("verb", ["export", "card"])
@pytest.mark.parametrize("taken", ["model.onnx", "model.card.json", "model.card.md"])
def test_a_folder_in_the_place_of_a_file_is_found_before_anything_is_written(
    verb: str, taken: str, run_zkfl: Run, tmp_path: Path
) -> None:
    (tmp_path / taken).mkdir()
    done = run_zkfl("model", verb, tmp_path, "--out", tmp_path / "model.onnx")
    assert done.status == ExitCode.INPUT
    assert f"{taken} is a folder" in done.err
    assert [path.name for path in tmp_path.iterdir()] == [taken]


@pytest.mark.parametrize("verb", ["export", "card"])
def test_a_root_is_no_model(verb: str, run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl("model", verb, tmp_path, "--out", "/")
    assert done.status == ExitCode.INPUT
    assert "/ is no name of a model" in done.err
