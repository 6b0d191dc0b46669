"""Reading CSV and Parquet files into plain columns, before any schema is applied.

Both readers treat the file as hostile: size is checked first, nothing is guessed
(no type inference, no renaming of duplicate headers, no filling of ragged rows).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zkfl.node.records.errors import RecordsFileError

MAX_FILE_BYTES = 64 << 20
"""Largest file of records that is read, in bytes; Parquet counts uncompressed too."""
MAX_COLUMNS = 8192


@dataclass(frozen=True)
class RawTable:
    """Column names and cells as they stand in the file.

    Attributes
    ----------
    columns : dict[str, Sequence[object]]
        Cells by column: text from CSV; text, numbers, booleans or None from Parquet.
    rows : int
        Number of records.
    """

    columns: dict[str, Sequence[object]]
    rows: int


def read_table(path: Path, max_rows: int, max_bytes: int = MAX_FILE_BYTES) -> RawTable:
    """Read a ``.csv`` or ``.parquet`` file.

    Raises
    ------
    RecordsFileError
        The file is missing, empty, too large, of another format, or no clean table.
    """
    _require_size(path, max_bytes)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return _read_csv(path, max_rows)
    if suffix == ".parquet":
        return _read_parquet(path, max_rows, max_bytes)
    raise RecordsFileError(f"{path} ends in {suffix!r}: records are read from .csv or .parquet")


def _require_size(path: Path, max_bytes: int) -> None:
    if not path.is_file():
        raise RecordsFileError(f"{path} is not a file: check the path of the records")
    size = path.stat().st_size
    if size == 0:
        raise RecordsFileError(f"{path} is empty: the export that wrote it may have failed")
    if size > max_bytes:
        raise RecordsFileError(
            f"{path} has {size} bytes, the limit is {max_bytes}: split the data set or raise it"
        )


def _read_csv(path: Path, max_rows: int) -> RawTable:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordsFileError(f"{path} is not UTF-8 ({error}): export it as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _require_header(path, header)
        numbered = ((reader.line_num, row) for row in reader)
        rows = _checked_rows(path, numbered, len(header), max_rows)
    except csv.Error as error:
        raise RecordsFileError(f"{path}, line {reader.line_num}: {error}") from error
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    return RawTable(dict(zip(header, cells, strict=True)), len(rows))


def _checked_rows(
    path: Path, numbered: Iterable[tuple[int, list[str]]], width: int, max_rows: int
) -> list[list[str]]:
    rows: list[list[str]] = []
    for number, (line, row) in enumerate(numbered, start=1):
        if len(row) != width:
            raise RecordsFileError(
                f"{path}, row {number} (line {line}) has {len(row)} cells, the header has "
                f"{width}: a cell with a comma must be quoted, blank lines must go"
            )
        _require_row_count(path, number, max_rows)
        rows.append(row)
    return rows


def _read_parquet(path: Path, max_rows: int, max_bytes: int) -> RawTable:
    try:
        with pq.ParquetFile(path) as file:
            header = list(file.schema_arrow.names)
            _require_header(path, header)
            _require_row_count(path, file.metadata.num_rows, max_rows)
            _require_uncompressed(path, file.metadata, max_bytes)
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise RecordsFileError(f"{path} is not a readable Parquet file: {error}") from error
    columns: dict[str, Sequence[object]] = {
        name: _plain_cells(path, name, table.column(name)) for name in header
    }
    return RawTable(columns, table.num_rows)


def _plain_cells(path: Path, name: str, column: "pa.ChunkedArray") -> list[object]:
    kind = column.type
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_string)
    if not any(test(kind) for test in (*tests, pa.types.is_large_string, pa.types.is_null)):
        raise RecordsFileError(
            f"{path}, column {name!r} has type {kind}: use numbers, booleans or text"
        )
    cells: list[object] = column.to_pylist()
    return cells


def _require_header(path: Path, header: list[str]) -> None:
    if not header or len(header) > MAX_COLUMNS:
        raise RecordsFileError(f"{path} has {len(header)} columns, expected 1 to {MAX_COLUMNS}")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise RecordsFileError(
            f"{path} names column {repeated[0][:80]!r} twice: only one of them can be meant"
        )


def _require_row_count(path: Path, rows: int, max_rows: int) -> None:
    if rows > max_rows:
        raise RecordsFileError(f"{path} has more than {max_rows} rows, the schema's max_rows")


def _require_uncompressed(path: Path, metadata: "pq.FileMetaData", max_bytes: int) -> None:
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if size > max_bytes:
        raise RecordsFileError(
            f"{path} unpacks to {size} bytes, the limit is {max_bytes}: split the data set"
        )
