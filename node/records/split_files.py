"""A file of records split into two, by patient."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.new_folder import new_folder
from zkfl.node.records.errors import RecordsError
from zkfl.node.records.files import RawTable, read_table
from zkfl.node.records.patients import (
    MAX_ROWS,
    checked_patients,
    patients_of,
    require_one_spelling,
)
from zkfl.node.records.patients import require_patients_apart as require_apart
from zkfl.node.records.schema import PATIENT_COLUMN
from zkfl.node.records.split import Sides, split_patients

TRAIN, TEST = "train.csv", "test.csv"


@dataclass(frozen=True)
class SideCount:
    """How much is on a side.

    Attributes
    ----------
    name : str
        ``train`` or ``test``.
    records, patients : int
        How many.
    by_label : dict[str, int]
        Records of each label.
    """

    name: str
    records: int
    patients: int
    by_label: dict[str, int]


def split_file(  # noqa: PLR0913, PLR0917 - a file, where to, and how
    records: Path, out: Path, label: str, fraction: float, key: bytes, earlier: Path | None = None
) -> list[SideCount]:
    """Write ``train.csv`` and ``test.csv`` into a new folder, cells as they are in the file.

    Parameters
    ----------
    records
        CSV or Parquet with the columns ``patient`` and ``label``.
    out
        The new folder.
    label
        Name of the label's column.
    fraction, key
        As `split_patients` takes them.
    earlier
        Folder of an earlier split, whose patients stay where they are.

    Raises
    ------
    RecordsFileError
        A file is no clean table.
    RecordsError
        A column is missing, a cell is no pseudonym, or a side stays empty.
    FolderError
        The folder is in use.
    """
    table = read_table(records, (PATIENT_COLUMN, label), MAX_ROWS)
    _require_columns(records, table, label)
    patients = checked_patients(records, table.columns[PATIENT_COLUMN])
    labels = [_text(cell) for cell in table.columns[label]]
    before = _sides_of(earlier) or Sides()
    require_one_spelling(records, [*patients, *before.train, *before.test])
    sides = split_patients(patients, labels, fraction, key, before)
    whole = read_table(records, table.header, MAX_ROWS)
    with new_folder(out) as folder:
        for name, side in ((TRAIN, sides.train), (TEST, sides.test)):
            rows = [row for row, patient in enumerate(patients) if patient in side]
            write_atomically(folder / name, _csv(whole, rows).encode())
        # of what was written, not of what was meant
        require_apart([folder / TRAIN, folder / TEST])
    return [
        _count("train", sides.train, patients, labels),
        _count("test", sides.test, patients, labels),
    ]


def _require_columns(path: Path, table: RawTable, label: str) -> None:
    absent = [name for name in (PATIENT_COLUMN, label) if name not in table.columns]
    if absent:
        raise RecordsError(f"{path} lacks column(s) {absent}: records are split by patient")


def _sides_of(earlier: Path | None) -> Sides | None:
    if earlier is None:
        return None
    require_apart([earlier / TRAIN, earlier / TEST])
    return Sides(
        patients_of(earlier / TRAIN) or frozenset(), patients_of(earlier / TEST) or frozenset()
    )


def _csv(table: RawTable, rows: Sequence[int]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.header)
    columns = [table.columns[name] for name in table.header]
    writer.writerows([_text(column[row]) for column in columns] for row in rows)
    return buffer.getvalue()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    # repr has every digit of a float
    return str(int(cell)) if isinstance(cell, bool) else str(cell)


def _count(
    name: str, side: frozenset[str], patients: Sequence[str], labels: Sequence[str]
) -> SideCount:
    of_side = [label for patient, label in zip(patients, labels, strict=True) if patient in side]
    return SideCount(name, len(of_side), len(side), dict(sorted(Counter(of_side).items())))
