"""An export becomes records under the schema; what the schema does not know stays where it is."""

from pathlib import Path

import pandas as pd
import pytest

from zkfl.folders import FolderError
from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.connectors.pseudonyms import Pseudonyms
from zkfl.node.connectors.table_import import TableLayout, import_table, parse_columns
from zkfl.node.deidentification import DeidentificationReport, read_report
from zkfl.node.records.errors import RecordsError
from zkfl.node.records.load import load_records
from zkfl.node.records.patients import patients_of
from zkfl.node.records.schema import RecordSchema

ROWS = {"MRN": ["KIS-0047113", "8", "9"], "SIZE_MM": [10.5, 60.0, 70.0], "ill": [1, 0, 1],
        "NAME": ["Mustermann", "B", "C"]}  # fmt: skip
LAYOUT = TableLayout("MRN", {"size": "SIZE_MM"})


def take(
    path: Path, schema: RecordSchema, key: Pseudonyms, layout: TableLayout = LAYOUT, **cells: object
) -> DeidentificationReport:
    frame = pd.DataFrame(ROWS | cells)
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return import_table(path, schema, layout, key, path.parent / "out")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_export_becomes_records(
    tmp_path: Path, schema: RecordSchema, pseudonyms: Pseudonyms, suffix: str
) -> None:
    report = take(tmp_path / f"export.{suffix}", schema, pseudonyms)
    records = load_records(tmp_path / "out" / "records.csv", schema)
    assert records.to_dict("list") == {"size": [10.5, 60.0, 70.0], "ill": [1, 0, 1]}
    expected = {pseudonyms.of_patient(name) for name in ROWS["MRN"]}
    assert patients_of(tmp_path / "out" / "records.csv") == expected
    assert report == read_report(tmp_path / "out" / "deidentification.json")
    assert {(each.name, each.action) for each in report.attributes} == {
        ("column MRN", "pseudonymised"),
        ("column NAME", "dropped"),
        ("column SIZE_MM", "kept"),
        ("column ill", "kept"),
    }
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"Mustermann" not in written
    assert b"0047113" not in written


def test_numbers_are_identifiers_as_texts_are(
    tmp_path: Path, schema: RecordSchema, pseudonyms: Pseudonyms
) -> None:
    take(tmp_path / "export.parquet", schema, pseudonyms, MRN=[7, 8, 9])
    expected = {pseudonyms.of_patient(name) for name in "789"}
    assert patients_of(tmp_path / "out" / "records.csv") == expected


def test_an_export_that_names_no_patient(
    tmp_path: Path, schema: RecordSchema, pseudonyms: Pseudonyms
) -> None:
    take(tmp_path / "export.csv", schema, pseudonyms, TableLayout(None, LAYOUT.columns))
    assert patients_of(tmp_path / "out" / "records.csv") is None


@pytest.mark.parametrize(
    ("cells", "error", "reason"),
    [
        ({"SIZE_MM": [10, 101, 1]}, RecordsError, "row 2, column 'size': 101 is outside"),
        ({"SIZE_MM": [10, float("nan"), 1]}, RecordsError, "row 2, column 'size'"),
        ({"ill": [1, 0, 2]}, RecordsError, "row 3, column 'ill'"),
        ({"MRN": ["a", " ", "c"]}, ConnectorError, "row 2: the patient's identifier"),
        ({"MRN": ["a", None, "c"]}, ConnectorError, "row 2: the patient's identifier"),
        ({"MRN": [1.0, 2.0, 3.0]}, ConnectorError, "row 1: the patient's identifier"),
    ],
)
def test_a_cell_that_does_not_fit(  # noqa: PLR0913, PLR0917 - fixtures
    tmp_path: Path,
    schema: RecordSchema,
    pseudonyms: Pseudonyms,
    cells: dict[str, object],
    error: type[Exception],
    reason: str,
) -> None:
    with pytest.raises(error, match=reason):
        take(tmp_path / "export.parquet", schema, pseudonyms, **cells)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("layout", "reason"),
    [
        (TableLayout("PID", {"size": "SIZE_MM"}), "no column 'PID'"),
        (TableLayout("ill", {"size": "SIZE_MM"}), "cannot be two"),
        (TableLayout("MRN", {"size": "ill"}), "cannot be two"),
    ],
)
def test_a_layout_that_the_export_has_not(
    tmp_path: Path, schema: RecordSchema, pseudonyms: Pseudonyms, layout: TableLayout, reason: str
) -> None:
    with pytest.raises(ConnectorError, match=reason):
        take(tmp_path / "export.csv", schema, pseudonyms, layout)


def test_a_column_of_the_schema_that_is_missing(
    tmp_path: Path, schema: RecordSchema, pseudonyms: Pseudonyms
) -> None:
    with pytest.raises(RecordsError, match="lacks column"):
        take(tmp_path / "export.csv", schema, pseudonyms, TableLayout("MRN"))


@pytest.mark.parametrize("pair", ["size", "size=", "=x", "weight=x"])
def test_a_pair_of_names_that_is_none(schema: RecordSchema, pair: str) -> None:
    with pytest.raises(ConnectorError, match="write a column of schema"):
        parse_columns([pair], schema)


def test_a_folder_in_use_is_left_alone(
    tmp_path: Path, schema: RecordSchema, pseudonyms: Pseudonyms
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(FolderError, match="there already"):
        take(tmp_path / "export.csv", schema, pseudonyms)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]
