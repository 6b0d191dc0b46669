"""Cells that name somebody or something, as text; Parquet has other kinds than text too."""

import math


def name_text(cell: object) -> str | None:
    """Return a name's text: of text, or of a whole number; None of all else.

    A missing cell is nobody's name, and of 17.0 and 17 nobody can tell whether they are one.
    """
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    return None


def group_text(cell: object) -> str:
    """Return the group that a cell puts its record in; none, which is empty, if it is missing."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    return str(cell).strip()
