"""A later split knows the patients of an earlier one, or says that it cannot tell."""

from pathlib import Path

import pandas as pd
import pytest

from zkfl.node.records.errors import RecordsError
from zkfl.node.records.split_files import split_file

KEY = b"k" * 32


def records(path: Path, prefix: str) -> Path:
    rows = range(20)
    table = {"patient": [f"{prefix}{row}" for row in rows], "ill": [row % 2 for row in rows]}
    pd.DataFrame(table).to_csv(path, index=False)
    return path


def test_patients_of_an_earlier_split_stay(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    split_file(records(tmp_path / "a.csv", "p"), first, "ill", 0.3, KEY)
    split_file(records(tmp_path / "b.csv", "p"), second, "ill", 0.3, b"j" * 32, first)
    assert (first / "test.csv").read_text() == (second / "test.csv").read_text()


def test_patients_of_an_earlier_split_in_capitals_are_refused(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    split_file(records(tmp_path / "a.csv", "p"), first, "ill", 0.3, KEY)
    with pytest.raises(RecordsError, match="differ in capitals only"):
        split_file(records(tmp_path / "b.csv", "P"), second, "ill", 0.3, KEY, first)
    assert not second.exists()
