"""Turning one cell of a column into a number the schema allows, or into "missing"."""

import math
import re

from zkfl.node.records.errors import RecordsError
from zkfl.node.records.schema import BinaryColumn, CategoryColumn, NumericColumn

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_MISSING_TEXTS = frozenset({"", "?", "na", "nan", "null"})


def parse_number(cell: object, where: str, *, may_be_missing: bool) -> float:
    """Return the cell as a float, NaN when the cell is missing.

    ``may_be_missing`` says whether to advise leaving it empty; `check_value` decides.

    Raises
    ------
    RecordsError
        The cell is neither a plain decimal number nor missing.
    """
    if cell is None:
        return math.nan
    if isinstance(cell, bool | int):
        return _finite(float(cell), where)
    if isinstance(cell, float):
        return cell if math.isnan(cell) else _finite(cell, where)
    text = str(cell).strip()
    if text.lower() in _MISSING_TEXTS:
        return math.nan
    if not _NUMBER.fullmatch(text):
        otherwise = ", or leave it empty" if may_be_missing else ""
        raise RecordsError(f"{where}: {text[:80]!r} is not a number; write 12.5{otherwise}")
    return _finite(float(text), where)


def check_value(
    value: float, column: NumericColumn | BinaryColumn | CategoryColumn, where: str
) -> float:
    """Return the value when the column allows it, NaN when it stands for a missing one.

    Raises
    ------
    RecordsError
        The value is missing where the schema rejects that, out of range, or no known code.
    """
    if isinstance(column, NumericColumn) and value == column.missing_code:
        value = math.nan
    if math.isnan(value):
        if column.missing == "reject":
            raise RecordsError(
                f"{where}: the value is missing (NaN); the schema rejects missing values here, "
                "complete the record or leave it out"
            )
        return value
    _require_allowed(value, column, where)
    return value


def check_label(value: float, classes: int, where: str) -> int:
    """Return the label, the number of one of so many classes.

    Raises
    ------
    RecordsError
        The label is missing or another value.
    """
    if value not in range(classes):
        allowed = "0 or 1" if classes == 2 else f"a whole number from 0 to {classes - 1}"  # noqa: PLR2004 - yes or no
        raise RecordsError(f"{where}: label {value:g} must be {allowed}")
    return int(value)


def _require_allowed(
    value: float, column: NumericColumn | BinaryColumn | CategoryColumn, where: str
) -> None:
    if isinstance(column, NumericColumn):
        if not column.min <= value <= column.max:
            raise RecordsError(
                f"{where}: {value:g} is outside [{column.min:g}, {column.max:g}] {column.unit}; "
                "likely another unit or a typing error"
            )
        return
    codes = {"no": 0, "yes": 1} if isinstance(column, BinaryColumn) else column.categories
    if value not in codes.values():
        raise RecordsError(f"{where}: {value:g} is no code of this column, they are {codes}")


def _finite(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise RecordsError(f"{where}: {value} is not a finite number")
    return value
