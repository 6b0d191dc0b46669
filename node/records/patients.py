"""Whose records a file holds, where it says so: nobody may be in two files that are told apart."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from zkfl.node.records.errors import RecordsError
from zkfl.node.records.files import MAX_FILE_BYTES, read_table
from zkfl.node.records.schema import PATIENT_COLUMN
from zkfl.node.records.texts import name_text

MAX_ROWS = 10_000_000
"""Largest number of rows of a file whose patients are read; the schema's is checked elsewhere."""
_PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def patients_of(path: Path) -> frozenset[str] | None:
    """Return the pseudonyms in a file's column ``patient``; None if it has none.

    Raises
    ------
    RecordsFileError
        The file is no clean table.
    RecordsError
        A cell is no pseudonym.
    """
    table = read_table(path, (PATIENT_COLUMN,), MAX_ROWS, MAX_FILE_BYTES)
    if PATIENT_COLUMN not in table.columns:
        return None
    return frozenset(checked_patients(path, table.columns[PATIENT_COLUMN]))


def checked_patients(path: Path, cells: Iterable[object]) -> list[str]:
    """Return the cells of a column ``patient`` as text.

    Raises
    ------
    RecordsError
        A cell is no pseudonym, or differs from another one in capitals only.
    """
    patients = [_checked(path, row, cell) for row, cell in enumerate(cells, start=1)]
    require_one_spelling(path, patients)
    return patients


def require_one_spelling(path: Path, patients: Iterable[str]) -> None:
    """Refuse pseudonyms of which nobody can tell whether they are one patient's.

    Raises
    ------
    RecordsError
        Two differ in capitals only.
    """
    different = set(patients)
    if len({patient.casefold() for patient in different}) != len(different):
        raise RecordsError(
            f"{path}, column {PATIENT_COLUMN!r}: two pseudonyms differ in capitals only, so nobody "
            "can tell whether they are one patient; write each patient in one way"
        )


def _checked(path: Path, row: int, cell: object) -> str:
    text = name_text(cell) or ""
    if not _PSEUDONYM.fullmatch(text):
        raise RecordsError(
            f"{path}, row {row}, column {PATIENT_COLUMN!r}: no pseudonym of letters, digits, - and "
            "_; zkfl import makes them"
        )
    return text


def require_patients_apart(paths: Sequence[Path]) -> None:
    """Refuse files of records that share a patient, or of which nobody can tell.

    Files without a column ``patient`` are compared with none, if all are without.

    Parameters
    ----------
    paths
        Training records of several versions, or training and test records.

    Raises
    ------
    RecordsFileError, RecordsError
        A file is no clean table; two share a patient; or one has the column and another has not.
    """
    found = {path: patients_of(path) for path in paths}
    without = [path for path, patients in found.items() if patients is None]
    if len(without) == len(found):
        return
    if without:
        having = next(path for path, patients in found.items() if patients is not None)
        raise RecordsError(
            f"{having} has a column {PATIENT_COLUMN!r} and {without[0]} has none: nobody can tell "
            "whether they share a patient; give both the column"
        )
    _require_disjoint({path: patients or frozenset() for path, patients in found.items()})


def _require_disjoint(found: dict[Path, frozenset[str]]) -> None:
    seen: dict[str, Path] = {}
    for path, written in found.items():
        # p1 in one file and P1 in another may be one patient, so they count as one
        patients = {patient.casefold() for patient in written}
        both = patients & seen.keys()
        if both:
            other = seen[min(both)]
            raise RecordsError(
                f"{path} and {other} share {len(both)} patient(s): split by patient with zkfl "
                "split, and put newer records of known patients where their older ones are"
            )
        seen |= dict.fromkeys(patients, path)
