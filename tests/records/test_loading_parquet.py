import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zkfl.node.records import load
from zkfl.node.records.errors import RecordsError, RecordsFileError
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema


def _columns() -> dict[str, "pa.Array"]:
    return {
        "size": pa.array([10.0, 60.5, 70.0]),
        "pressure": pa.array([120, 0, None]),
        "sex": pa.array([True, False, True]),
        "pain": pa.array(["0", "2", ""]),
        "ill": pa.array([1, 0, 1]),
    }


def _write(path: Path, columns: dict[str, "pa.Array"]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_parquet_gives_the_same_records_as_csv(
    tmp_path: Path, records_csv: Path, schema: RecordSchema
) -> None:
    path = _write(tmp_path / "records.parquet", _columns())
    pd.testing.assert_frame_equal(load_records(path, schema), load_records(records_csv, schema))


def test_a_bad_cell_is_named(tmp_path: Path, schema: RecordSchema) -> None:
    columns = _columns() | {"size": pa.array([10.0, float("inf"), 1.0])}
    with pytest.raises(RecordsError, match=re.escape("row 2, column 'size': inf is not a finite")):
        load_records(_write(tmp_path / "a.parquet", columns), schema)
    columns = _columns() | {"size": pa.array([10.0, 1.0, np.nan])}
    with pytest.raises(RecordsError, match=re.escape("row 3, column 'size': the value is missing")):
        load_records(_write(tmp_path / "b.parquet", columns), schema)


def test_nested_columns_are_refused(tmp_path: Path, schema: RecordSchema) -> None:
    columns = _columns() | {"size": pa.array([[1.0], [2.0], [3.0]])}
    with pytest.raises(RecordsFileError, match="column 'size' has type list"):
        load_records(_write(tmp_path / "a.parquet", columns), schema)


def test_a_column_named_twice_is_refused(tmp_path: Path, schema: RecordSchema) -> None:
    columns = _columns()
    table = pa.table(list(columns.values()), names=["size", "size", "sex", "pain", "ill"])
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    with pytest.raises(RecordsFileError, match="names column 'size' twice"):
        load_records(path, schema)


def test_what_is_no_parquet_is_refused(tmp_path: Path, schema: RecordSchema) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and nothing else PAR1")
    with pytest.raises(RecordsFileError, match="is not a readable Parquet file"):
        load_records(path, schema)


def test_a_file_that_unpacks_too_large_is_refused(
    tmp_path: Path, schema: RecordSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    roomy = schema.model_copy(update={"max_rows": 10**6})
    zeros = {name: pa.array(np.zeros(10**5)) for name in _columns()}
    # plain encoding: dictionaries would keep a column of zeros small unpacked, too
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table(zeros), path, use_dictionary=False, compression="zstd")
    monkeypatch.setattr(load, "MAX_FILE_BYTES", 10**6)
    assert path.stat().st_size < 10**6
    with pytest.raises(RecordsFileError, match="unpacks to"):
        load_records(path, roomy)
    with pytest.raises(RecordsFileError, match="more than 5 rows"):
        load_records(path, schema)


BUDGET = 200_000


def _repeated(text: str, rows: int) -> dict[str, "pa.Array"]:
    """Return columns of which one names the same text in every row."""
    columns = {name: pa.array([1.0] * rows) for name in _columns()}
    places = pa.array([0] * rows, pa.int32())
    return columns | {"pain": pa.DictionaryArray.from_arrays(places, pa.array([text]))}


def _bomb(path: Path, columns: dict[str, "pa.Array"]) -> Path:
    # without the Arrow schema a reader takes the column for plain text
    pq.write_table(pa.table(columns), path, store_schema=False, compression="zstd")
    return path


def test_a_text_that_is_repeated_in_no_space_is_counted_in_every_row(
    tmp_path: Path, schema: RecordSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _bomb(tmp_path / "a.parquet", _repeated("x" * 1_000, 1_000))
    monkeypatch.setattr(load, "MAX_FILE_BYTES", BUDGET)
    with pytest.raises(RecordsFileError, match=f"unpacks to more than {BUDGET} bytes"):
        load_records(path, schema.model_copy(update={"max_rows": 1_000}))


def test_a_bomb_takes_no_memory_before_it_is_refused(
    tmp_path: Path, schema: RecordSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _bomb(tmp_path / "a.parquet", _repeated("x" * 100_000, 1_000))
    monkeypatch.setattr(load, "MAX_FILE_BYTES", BUDGET)
    pool = pa.system_memory_pool()
    before = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        with pytest.raises(RecordsFileError, match="unpacks to more than"):
            load_records(path, schema.model_copy(update={"max_rows": 1_000}))
    finally:
        pa.set_memory_pool(before)
    assert pool.max_memory() < 10_000_000, "the column is 100 MB when it is expanded"


def test_numbers_that_are_repeated_in_no_space_are_counted(
    tmp_path: Path, schema: RecordSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {name: pa.array(np.ones(20_000)) for name in _columns()}
    path = _bomb(tmp_path / "a.parquet", columns)
    monkeypatch.setattr(load, "MAX_FILE_BYTES", BUDGET)
    with pytest.raises(RecordsFileError, match="unpacks to more than"):
        load_records(path, schema.model_copy(update={"max_rows": 20_000}))


def test_columns_that_the_schema_lacks_are_not_decoded(
    tmp_path: Path, schema: RecordSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = _repeated("1", 1_000) | {"pressure": pa.array([100.0] * 1_000)}
    columns["spare"] = _repeated("x" * 1_000, 1_000)["pain"]
    path = _bomb(tmp_path / "a.parquet", columns)
    monkeypatch.setattr(load, "MAX_FILE_BYTES", BUDGET)
    roomy = schema.model_copy(update={"max_rows": 1_000})
    with pytest.raises(RecordsError, match=r"column\(s\) \['spare'\] unknown"):
        load_records(path, roomy)
    lenient = roomy.model_copy(update={"extra_columns": "ignore"})
    assert load_records(path, lenient).shape == (1_000, 5)


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_text_whose_decoding_cannot_be_bounded_is_refused(
    tmp_path: Path, schema: RecordSchema, encoding: str
) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table(_columns())
    pq.write_table(table, path, use_dictionary=False, column_encoding={"pain": encoding})
    with pytest.raises(RecordsFileError, match="is not a readable Parquet file"):
        load_records(path, schema)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("dictionary", [True, False])
def test_text_of_every_plain_form_is_read(
    tmp_path: Path, schema: RecordSchema, kind: "pa.DataType", *, dictionary: bool
) -> None:
    columns = _columns() | {"pain": pa.array(["0", "2", None], kind)}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path, use_dictionary=dictionary, row_group_size=2)
    assert load_records(path, schema)["pain"].tolist()[:2] == [0.0, 2.0]


@pytest.mark.timeout(20)
def test_a_pipe_is_refused_at_once(tmp_path: Path, schema: RecordSchema) -> None:
    os.mkfifo(tmp_path / "a.parquet")
    with pytest.raises(RecordsFileError, match="is not a file"):
        load_records(tmp_path / "a.parquet", schema)
