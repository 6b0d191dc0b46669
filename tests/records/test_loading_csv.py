import math
import re
from pathlib import Path

import pandas as pd
import pytest

from zkfl.node.records import load
from zkfl.node.records.errors import RecordsError, RecordsFileError
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema

HEADER = "size,pressure,sex,pain,ill\n"
ROW = "10,120,1,0,1\n"


def _load(tmp_path: Path, schema: RecordSchema, text: str) -> pd.DataFrame:
    path = tmp_path / "given.csv"
    path.write_text(text)
    return load_records(path, schema)


def test_good_records_load_in_schema_order(records_csv: Path, schema: RecordSchema) -> None:
    records = load_records(records_csv, schema)
    assert list(records.columns) == ["size", "pressure", "sex", "pain", "ill"]
    assert records["size"].tolist() == [10.0, 60.5, 70.0]
    assert records["ill"].tolist() == [1, 0, 1]


def test_missing_values_and_codes_become_nan(records_csv: Path, schema: RecordSchema) -> None:
    records = load_records(records_csv, schema)
    assert [math.isnan(v) for v in records["pressure"]] == [False, True, True]
    assert [math.isnan(v) for v in records["pain"]] == [False, False, True]


def test_columns_may_come_in_any_order(tmp_path: Path, schema: RecordSchema) -> None:
    records = _load(tmp_path, schema, "ill,pain,sex,pressure,size\n1,0,1,120,10\n0,0,1,120,20\n")
    assert records["size"].tolist() == [10.0, 20.0]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path, schema: RecordSchema) -> None:
    assert len(_load(tmp_path, schema, "\ufeff" + HEADER + ROW + ROW)) == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("nan,120,1,0,1", "row 2, column 'size': the value is missing (NaN)"),
        (",120,1,0,1", "row 2, column 'size': the value is missing (NaN)"),
        ("ten,120,1,0,1", "row 2, column 'size': 'ten' is not a number"),
        ("1_0,120,1,0,1", "row 2, column 'size': '1_0' is not a number"),
        ("inf,120,1,0,1", "row 2, column 'size': 'inf' is not a number"),
        ("1e999,120,1,0,1", "row 2, column 'size': inf is not a finite number"),
        ("0x10,120,1,0,1", "row 2, column 'size': '0x10' is not a number"),
        ("100.5,120,1,0,1", "row 2, column 'size': 100.5 is outside [0, 100] mm"),
        ("-1,120,1,0,1", "row 2, column 'size': -1 is outside [0, 100] mm"),
        ("10,12,1,0,1", "row 2, column 'pressure': 12 is outside [50, 250] mm Hg"),
        ("10,120,2,0,1", "row 2, column 'sex': 2 is no code of this column"),
        ("10,120,1,0.5,1", "row 2, column 'pain': 0.5 is no code of this column"),
        ("10,120,1,0,2", "row 2, column 'ill': label 2 must be 0 or 1"),
        ("10,120,1,0,", "row 2, column 'ill': label nan must be 0 or 1"),
        ("10,120,1,0,0.5", "row 2, column 'ill': label 0.5 must be 0 or 1"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, schema: RecordSchema, row: str, message: str) -> None:
    with pytest.raises(RecordsError, match=re.escape(message)):
        _load(tmp_path, schema, f"{HEADER}{ROW}{row}\n")


@pytest.mark.parametrize(
    ("row", "advice"),
    [
        ("ten,120,1,0,1", "write 12.5"),
        ("10,high,1,0,1", "write 12.5, or leave it empty"),
        ("10,120,1,0,ill", "write 12.5"),
    ],
)
def test_leaving_a_cell_empty_is_advised_only_where_it_is_allowed(
    tmp_path: Path, schema: RecordSchema, row: str, advice: str
) -> None:
    with pytest.raises(RecordsError, match=f"is not a number; {advice}$"):
        _load(tmp_path, schema, f"{HEADER}{ROW}{row}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("size,size,sex,pain,ill\n" + ROW, "names column 'size' twice"),
        (HEADER + ROW + "10,120,1,0\n", "row 2 (line 3) has 4 cells, the header has 5"),
        (HEADER + ROW + "10,120,1,0,1,1\n", "row 2 (line 3) has 6 cells, the header has 5"),
        (HEADER + ROW + "\n" + ROW, "row 2 (line 3) has 0 cells, the header has 5"),
        (HEADER + ROW * 6, "more than 5 rows"),
        (HEADER + '"10,120,1,0,1\n', "line 2: unexpected end of data"),
        ("\n" + HEADER + ROW, "has 0 columns"),
    ],
)
def test_a_broken_table_is_refused(
    tmp_path: Path, schema: RecordSchema, text: str, message: str
) -> None:
    with pytest.raises(RecordsFileError, match=re.escape(message)):
        _load(tmp_path, schema, text)


def test_a_missing_column_is_named(tmp_path: Path, schema: RecordSchema) -> None:
    with pytest.raises(RecordsError, match=re.escape("lacks column(s) ['pain', 'ill']")):
        _load(tmp_path, schema, "size,pressure,sex\n10,120,1\n10,120,1\n")


def test_an_unknown_column_is_refused_or_ignored_as_the_schema_says(
    tmp_path: Path, schema: RecordSchema
) -> None:
    text = "size,pressure,sex,pain,ill,surname\n" + "10,120,1,0,1,Doe\n" * 2
    with pytest.raises(RecordsError, match=re.escape("column(s) ['surname'] unknown")):
        _load(tmp_path, schema, text)
    tolerant = schema.model_copy(update={"extra_columns": "ignore"})
    assert "surname" not in _load(tmp_path, tolerant, text).columns


def test_too_few_records_are_refused(tmp_path: Path, schema: RecordSchema) -> None:
    with pytest.raises(RecordsError, match=re.escape("has 1 record(s), at least 2 are needed")):
        _load(tmp_path, schema, HEADER + ROW)
    with pytest.raises(RecordsError, match=re.escape("has 0 record(s), at least 2 are needed")):
        _load(tmp_path, schema, HEADER)


def test_labels_may_be_absent_when_they_are_not_asked_for(
    tmp_path: Path, schema: RecordSchema
) -> None:
    path = tmp_path / "unlabelled.csv"
    path.write_text("size,pressure,sex,pain\n10,120,1,0\n")
    records = load_records(path, schema, min_rows=1, with_label=False)
    assert list(records.columns) == ["size", "pressure", "sex", "pain"]


def test_other_files_are_refused(tmp_path: Path, schema: RecordSchema) -> None:
    with pytest.raises(RecordsFileError, match="is not a file"):
        load_records(tmp_path, schema)
    other = tmp_path / "records.pkl"
    other.write_bytes(b"x")
    with pytest.raises(RecordsFileError, match=re.escape("ends in '.pkl'")):
        load_records(other, schema)
    latin = tmp_path / "latin.csv"
    latin.write_bytes("größe".encode("latin-1"))
    with pytest.raises(RecordsFileError, match="is not UTF-8"):
        load_records(latin, schema)


def test_an_oversize_file_is_refused_unread(
    records_csv: Path, schema: RecordSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MAX_FILE_BYTES", 20)
    with pytest.raises(RecordsFileError, match="bytes, the limit is 20"):
        load_records(records_csv, schema)
