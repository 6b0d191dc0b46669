"""Loading a hospital's records, refused unless every cell follows the schema."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zkfl.node.records.cells import check_label, check_value, parse_number
from zkfl.node.records.errors import RecordsError
from zkfl.node.records.files import MAX_FILE_BYTES, RawTable, read_table
from zkfl.node.records.schema import PATIENT_COLUMN, RECIPE_COLUMN, Column, RecordSchema

_SHOWN_NAMES = 40
_SHOWN_CHARACTERS = 64


def load_records(
    path: Path, schema: RecordSchema, *, min_rows: int | None = None, with_label: bool = True
) -> pd.DataFrame:
    """Load a CSV or Parquet file and check every cell against the schema.

    Parameters
    ----------
    path
        File ending in ``.csv`` or ``.parquet``, at most `MAX_FILE_BYTES` large.
    schema
        The consortium's schema.
    min_rows
        Fewest records accepted; the schema's ``min_rows`` when not given.
    with_label
        Whether the label column is required. When False it may be absent and is dropped.

    Returns
    -------
    pandas.DataFrame
        Columns in schema order as float64 (NaN where missing), then the label as int64,
        one row a record, in the file's order. A column of patients is not in it.

    Raises
    ------
    RecordsFileError
        The file is missing, empty, too large or no clean table.
    RecordsError
        A column is missing or unknown, a cell breaks the schema, rows are too few, or the
        features of images were made by another recipe than the schema's.
    """
    wanted = _wanted(schema, with_label=with_label)
    table = read_table(path, wanted, schema.max_rows, MAX_FILE_BYTES)
    return check_table(path, table, schema, min_rows=min_rows, with_label=with_label)


def check_table(
    path: Path,
    table: RawTable,
    schema: RecordSchema,
    *,
    min_rows: int | None = None,
    with_label: bool = True,
) -> pd.DataFrame:
    """Check every cell of a table that was read; ``path`` is named in messages.

    Parameters and result are those of `load_records`.

    Raises
    ------
    RecordsError
        A column is missing or unknown, a cell breaks the schema, or rows are too few.
    """
    _require_columns(path, table, schema, with_label=with_label)
    _require_recipe(path, table, schema)
    _require_rows(path, table.rows, schema.min_rows if min_rows is None else min_rows)
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {
        column.name: _checked_column(path, table, column) for column in schema.columns
    }
    if with_label:
        columns[schema.label.name] = _checked_labels(path, table, schema)
    return pd.DataFrame(columns)


def _wanted(schema: RecordSchema, *, with_label: bool) -> list[str]:
    recipe = [] if schema.image_features is None else [RECIPE_COLUMN]
    return [*schema.column_names, *recipe, *([schema.label.name] if with_label else [])]


def _require_recipe(path: Path, table: RawTable, schema: RecordSchema) -> None:
    """Refuse features of another backbone or projection: their numbers mean something else."""
    if schema.image_features is None:
        return
    digest = schema.image_features.digest()
    for row, cell in enumerate(table.columns[RECIPE_COLUMN], start=1):
        if cell != digest:
            raise RecordsError(
                f"{path}, row {row} was made by the feature recipe {str(cell)[:80]!r}, schema "
                f"{schema.name!r} has recipe {digest}: run zkfl features run again with the "
                "agreed recipe"
            )


def _require_columns(
    path: Path, table: RawTable, schema: RecordSchema, *, with_label: bool
) -> None:
    required = _wanted(schema, with_label=with_label)
    missing = [name for name in required if name not in table.header]
    if missing:
        raise RecordsError(
            f"{path} lacks column(s) {missing} of schema {schema.name!r} version {schema.version}: "
            f"it has {_shown(table.header)}"
        )
    known = {*_wanted(schema, with_label=True), PATIENT_COLUMN}
    extra = [name for name in table.header if name not in known]
    if extra and schema.extra_columns == "reject":
        raise RecordsError(
            f"{path} has column(s) {_shown(extra)} unknown to schema {schema.name!r}: remove them, "
            "data that is not needed should not leave its system"
        )


def _shown(names: Iterable[str]) -> list[str]:
    """Return the beginning of a list of names, which are a stranger's and may be endless."""
    return [name[:_SHOWN_CHARACTERS] for name in islice(names, _SHOWN_NAMES)]


def _require_rows(path: Path, rows: int, least: int) -> None:
    if rows < least:
        raise RecordsError(
            f"{path} has {rows} record(s), at least {least} are needed: fewer could be "
            "recognised in what the model learns from them"
        )


def _checked_column(path: Path, table: RawTable, column: Column) -> NDArray[np.float64]:
    def where(row: int) -> str:
        return f"{path}, row {row}, column {column.name!r}"

    def checked(row: int, cell: object) -> float:
        number = parse_number(cell, where(row), may_be_missing=column.missing != "reject")
        return check_value(number, column, where(row))

    cells = enumerate(table.columns[column.name], start=1)
    return np.array([checked(row, cell) for row, cell in cells], dtype=np.float64)


def _checked_labels(path: Path, table: RawTable, schema: RecordSchema) -> NDArray[np.int64]:
    name = schema.label.name

    def where(row: int) -> str:
        return f"{path}, row {row}, column {name!r}"

    def checked(row: int, cell: object) -> int:
        number = parse_number(cell, where(row), may_be_missing=False)
        return check_label(number, schema.class_count, where(row))

    cells = enumerate(table.columns[name], start=1)
    return np.array([checked(row, cell) for row, cell in cells], dtype=np.int64)
