"""A table of labels says of everybody by name which label is theirs."""

from pathlib import Path

import pandas as pd
import pytest

from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.connectors.labels import read_labels


def table(folder: Path, names: list[object], labels: list[object]) -> Path:
    path = folder / "labels.parquet"
    pd.DataFrame({"patient_id": names, "label": labels}).to_parquet(path)
    return path


@pytest.mark.parametrize("names", [["17", " 18"], [17, 18]])
def test_labels_by_name(tmp_path: Path, names: list[object]) -> None:
    assert read_labels(table(tmp_path, names, [0, 1]), "patient_id") == {"17": 0, "18": 1}


@pytest.mark.parametrize(
    ("names", "labels", "reason"),
    [
        (["17", None], [0, 1], "row 2: the patient_id is missing"),
        (["17", " "], [0, 1], "row 2: the patient_id is missing"),
        ([17.0, 18.0], [0, 1], "row 1: the patient_id is missing, or neither"),
        (["17", "18"], ["0", None], "row 2, label: '' is no whole number"),
        (["17", "17 "], [0, 1], "row 2: the patient_id of this row has two labels"),
    ],
)
def test_a_row_that_names_nobody(
    tmp_path: Path, names: list[object], labels: list[object], reason: str
) -> None:
    with pytest.raises(ConnectorError, match=reason):
        read_labels(table(tmp_path, names, labels), "patient_id")
