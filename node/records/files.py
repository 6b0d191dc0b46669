"""Reading CSV and Parquet files into plain columns, before any schema is applied.

Both readers treat the file as hostile: size is checked first, nothing is guessed
(no type inference, no renaming of duplicate headers, no filling of ragged rows). Parquet can
repeat a value at no cost in the file, so its decoded size is counted batch by batch.
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zkfl.node.records.errors import RecordsFileError
from zkfl.public_file import PublicFileError, read_public_file

MAX_FILE_BYTES = 64 << 20
"""Largest file of records that is read, in bytes; Parquet counts uncompressed too."""
MAX_COLUMNS = 8192
_BATCH_ROWS = 1024


@dataclass(frozen=True)
class RawTable:
    """Column names and cells as they stand in the file.

    Attributes
    ----------
    header : tuple[str, ...]
        Names of all columns.
    columns : Mapping[str, Sequence[object]]
        Cells of the wanted columns: text from CSV; text, numbers, booleans or None from
        Parquet.
    rows : int
        Number of records.
    """

    header: tuple[str, ...]
    columns: Mapping[str, Sequence[object]]
    rows: int


@dataclass(frozen=True)
class _Limits:
    rows: int
    size: int


def read_table(
    path: Path, wanted: Collection[str], max_rows: int, max_bytes: int = MAX_FILE_BYTES
) -> RawTable:
    """Read the wanted columns, as far as they are there, of a ``.csv`` or ``.parquet`` file.

    Raises
    ------
    RecordsFileError
        The file is missing, empty, too large, of another format, or no clean table.
    """
    _require_size(path, max_bytes)
    readers = {".csv": _read_csv, ".parquet": _read_parquet}
    suffix = path.suffix.lower()
    if suffix not in readers:
        raise RecordsFileError(f"{path} ends in {suffix!r}: records are read from .csv or .parquet")
    try:
        content = read_public_file(path, max_bytes)
    except PublicFileError as error:
        raise RecordsFileError(str(error)) from error
    return readers[suffix](path, content, frozenset(wanted), _Limits(max_rows, max_bytes))


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


def _read_csv(path: Path, content: bytes, wanted: Collection[str], limits: _Limits) -> RawTable:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordsFileError(f"{path} is not UTF-8 ({error}): export it as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _require_header(path, header)
        numbered = ((reader.line_num, row) for row in reader)
        rows = _checked_rows(path, numbered, len(header), limits.rows)
    except csv.Error as error:
        raise RecordsFileError(f"{path}, line {reader.line_num}: {error}") from error
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    pairs = zip(header, cells, strict=True)
    columns = {name: column for name, column in pairs if name in wanted}
    return RawTable(tuple(header), columns, len(rows))


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


def _read_parquet(path: Path, content: bytes, wanted: Collection[str], limits: _Limits) -> RawTable:
    try:
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            fields = file.schema_arrow
            _require_header(path, list(fields.names))
            _require_row_count(path, file.metadata.num_rows, limits.rows)
            _require_uncompressed(path, file.metadata, limits.size)
        chosen = pa.schema([field for field in fields if field.name in wanted])
        columns: dict[str, list[object]] = {name: [] for name in chosen.names}
        for batch in _bounded_batches(path, content, chosen, limits):
            for name, column in zip(chosen.names, batch, strict=True):
                columns[name].extend(column)
                _require_row_count(path, len(columns[name]), limits.rows)
    except (pa.ArrowException, OSError) as error:
        raise RecordsFileError(f"{path} is not a readable Parquet file: {error}") from error
    rows = max(map(len, columns.values()), default=0)
    return RawTable(tuple(fields.names), columns, rows)


def _bounded_batches(
    path: Path, content: bytes, chosen: "pa.Schema", limits: _Limits
) -> Iterator[list[list[object]]]:
    """Yield the cells of some rows, column by column, while the decoded size allows it."""
    if not chosen.names:
        return
    # text stays a dictionary until its size is known: a row that repeats a value costs 4 bytes
    text = _text_columns(path, chosen)
    size = 0
    with pq.ParquetFile(pa.BufferReader(content), read_dictionary=text) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=chosen.names, use_threads=False):
            size += sum(_decoded_bytes(column) for column in batch.columns)
            _require_decoded(path, size, limits.size)
            yield [batch.column(name).to_pylist() for name in chosen.names]


def _text_columns(path: Path, chosen: "pa.Schema") -> list[str]:
    """Return the names of text columns; refuse what is no number, boolean or text."""
    text = (pa.types.is_string, pa.types.is_large_string)
    plain = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_null)
    for field in chosen:
        if not any(test(field.type) for test in (*text, *plain)):
            raise RecordsFileError(
                f"{path}, column {field.name!r} has type {field.type}: use numbers, booleans or "
                "text"
            )
    return [field.name for field in chosen if any(test(field.type) for test in text)]


def _decoded_bytes(column: "pa.Array") -> int:
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return int(column.indices.nbytes) + (pc.sum(lengths).as_py() or 0)


def _require_decoded(path: Path, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise RecordsFileError(
            f"{path} unpacks to more than {max_bytes} bytes: it repeats long values; split the "
            "data set"
        )


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
