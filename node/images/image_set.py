"""The image set: a folder of PNG files with pseudonyms, labels and nothing else.

It holds ``index.csv``, the PNG files that the index names, and ``deidentification.json``, the
report of how they came about. All connectors write it; whatever computes features reads it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.node.images.errors import ImageSetError
from zkfl.node.images.png import read_png
from zkfl.node.records.errors import RecordsFileError
from zkfl.node.records.files import RawTable, read_table

INDEX = "index.csv"
REPORT = "deidentification.json"
IDENTITY_COLUMNS = ("image", "patient", "label")
MAX_IMAGES = 1_000_000
MAX_LABEL = 255
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,123}\.png")
_PATIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LABEL = re.compile(r"0|[1-9][0-9]{0,2}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}")
# a spreadsheet would run a cell that begins with =, +, - or @
_SUBGROUP = re.compile(r"([A-Za-z0-9][A-Za-z0-9 ._+-]{0,63})?")


@dataclass(frozen=True)
class ImageRow:
    """One image of the set.

    Attributes
    ----------
    image : str
        Name of its PNG file in the folder.
    patient : str
        Pseudonym; several images may be of one patient.
    label : int or None
        Class, 0 to 255; None in a set that is only to be scored.
    subgroups : Mapping[str, str]
        Such as ``site``, ``age_band``, ``sex``; empty text where unknown.
    """

    image: str
    patient: str
    label: int | None
    subgroups: Mapping[str, str]


@dataclass(frozen=True)
class ImageSet:
    """A folder whose index is checked; pixels are read one image at a time.

    Attributes
    ----------
    folder : Path
        Where it is.
    subgroup_columns : tuple[str, ...]
        Names of the columns behind ``image,patient,label``.
    rows : tuple[ImageRow, ...]
        In the index's order.
    """

    folder: Path
    subgroup_columns: tuple[str, ...]
    rows: tuple[ImageRow, ...]

    def pixels(self, row: ImageRow) -> NDArray[np.uint8]:
        """Return an image: ``(h, w)`` grey or ``(h, w, 3)`` RGB, uint8.

        Raises
        ------
        ImageError, PublicFileError
            The file is not the PNG that it should be.
        """
        return read_png(self.folder / row.image)


def read_image_set(folder: Path, *, labelled: bool = True) -> ImageSet:
    """Read a folder's index and check every cell of it, and that the files are there.

    Parameters
    ----------
    folder
        The image set.
    labelled
        Whether every image needs a label; without one, a cell may be empty.

    Raises
    ------
    ImageSetError
        The index is missing, or no clean index of this folder.
    """
    table = _read_index(folder / INDEX)
    subgroups = _subgroup_columns(table.header)
    names = list(table.columns)
    rows = []
    for number, cells in enumerate(zip(*table.columns.values(), strict=True), start=1):
        texts = dict(zip(names, map(str, cells), strict=True))
        rows.append(checked_row(texts, f"{INDEX}, row {number}", labelled=labelled))
    _require_files(folder, rows)
    return ImageSet(folder, subgroups, tuple(rows))


def checked_row(cells: Mapping[str, str], where: str, *, labelled: bool = True) -> ImageRow:
    """Return a row of an index after a check of every cell.

    Raises
    ------
    ImageSetError
        A cell is not what its column holds.
    """
    _require_match(_NAME, cells["image"], f"{where}: image", "a file name such as 0001.png")
    _require_match(_PATIENT, cells["patient"], f"{where}: patient", "a pseudonym such as p7f3a")
    subgroups = {name: cells[name] for name in cells if name not in IDENTITY_COLUMNS}
    for name, value in subgroups.items():
        _require_match(_SUBGROUP, value, f"{where}: {name}", "a short plain word, or empty")
    return ImageRow(cells["image"], cells["patient"], _label(cells, where, labelled), subgroups)


def _label(cells: Mapping[str, str], where: str, labelled: bool) -> int | None:  # noqa: FBT001 - passed on
    text = cells["label"]
    if not text and not labelled:
        return None
    _require_match(_LABEL, text, f"{where}: label", f"a whole number, 0 to {MAX_LABEL}")
    if int(text) > MAX_LABEL:
        raise ImageSetError(f"{where}: label {text} is above {MAX_LABEL}")
    return int(text)


def _require_match(pattern: "re.Pattern[str]", text: str, where: str, expected: str) -> None:
    if not pattern.fullmatch(text):
        raise ImageSetError(f"{where} is {text[:80]!r}, expected {expected}")


def _read_index(path: Path) -> RawTable:
    try:
        header = read_table(path, (), MAX_IMAGES).header
        return read_table(path, header, MAX_IMAGES)
    except RecordsFileError as error:
        raise ImageSetError(f"no image set: {error}") from error


def _subgroup_columns(header: Sequence[str]) -> tuple[str, ...]:
    if tuple(header[:3]) != IDENTITY_COLUMNS:
        shown = [name[:40] for name in header[:3]]
        raise ImageSetError(
            f"{INDEX} begins with the columns {shown}, expected {list(IDENTITY_COLUMNS)}"
        )
    for name in header[3:]:
        _require_match(_COLUMN, name, f"{INDEX}: a column's name", "small letters, digits, _")
    return tuple(header[3:])


def _require_files(folder: Path, rows: Sequence[ImageRow]) -> None:
    names = Counter(row.image for row in rows)
    if not names:
        raise ImageSetError(f"{folder / INDEX} names no image: the import may have failed")
    for name, times in names.items():
        if times > 1:
            raise ImageSetError(f"{INDEX} names {name} twice: an image has one patient and label")
        if (folder / name).is_symlink() or not (folder / name).is_file():
            raise ImageSetError(f"{INDEX} names {name}, which is no file in {folder}")
