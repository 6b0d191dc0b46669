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
