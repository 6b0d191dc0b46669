"""Writing an image set: all of it, or nothing."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.atomic_file import write_atomically
from zkfl.new_folder import new_folder
from zkfl.node.deidentification import DeidentificationReport
from zkfl.node.images.errors import ImageSetError
from zkfl.node.images.image_set import IDENTITY_COLUMNS, INDEX, REPORT, ImageRow, checked_row
from zkfl.node.images.png import encode_png

_FILE_MODE = 0o600
_NAME_DIGITS = 32


class RepeatedPixelsError(ImageSetError):
    """The set holds the same pixels already: they would count twice, or be on both sides."""


class ImageSetWriter:
    """Gathers images in an unfinished folder; `new_image_set` makes one.

    Parameters
    ----------
    folder
        Empty, and the writer's alone.
    subgroup_columns
        Names of the columns behind ``image,patient,label``.
    """

    def __init__(self, folder: Path, subgroup_columns: Sequence[str]) -> None:
        self._folder = folder
        self._columns = tuple(subgroup_columns)
        self._rows: dict[str, ImageRow] = {}
        self.finished = False

    def add(
        self,
        pixels: NDArray[np.uint8],
        patient: str,
        label: int | None,
        subgroups: Mapping[str, str],
    ) -> str:
        """Write an image, named by its content, and return the name.

        Raises
        ------
        ImageError
            The pixels are no 8-bit grey or RGB image.
        ImageSetError
            A cell of its row is not what the column holds.
        RepeatedPixelsError
            The set has these pixels already.
        """
        content = encode_png(pixels)
        name = f"{hashlib.sha256(content).hexdigest()[:_NAME_DIGITS]}.png"
        cells = dict(zip(IDENTITY_COLUMNS, (name, patient, _text(label)), strict=True))
        cells |= {column: subgroups.get(column, "") for column in self._columns}
        row = checked_row(cells, "the image", labelled=label is not None)
        if name in self._rows:
            same = self._rows[name]
            as_well = (same.patient, same.label) == (patient, label)
            raise RepeatedPixelsError(
                "the set holds an image with the same pixels, of "
                f"{'the same' if as_well else 'another'} patient or label: one of them is taken"
            )
        write_new(self._folder / name, content)
        self._rows[name] = row
        return name

    @property
    def images(self) -> int:
        """How many images were added."""
        return len(self._rows)

    @property
    def patients(self) -> int:
        """Of how many patients they are."""
        return len({row.patient for row in self._rows.values()})

    def finish(self, report: DeidentificationReport) -> None:
        """Write the index and the report.

        Raises
        ------
        ImageSetError
            There is no image.
        """
        if not self._rows:
            raise ImageSetError("no image was taken: nothing is written")
        write_atomically(self._folder / INDEX, self._index().encode(), _FILE_MODE)
        write_atomically(self._folder / REPORT, report.to_json().encode(), _FILE_MODE)
        self.finished = True

    def _index(self) -> str:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([*IDENTITY_COLUMNS, *self._columns])
        for row in self._rows.values():
            groups = [row.subgroups[column] for column in self._columns]
            writer.writerow([row.image, row.patient, _text(row.label), *groups])
        return buffer.getvalue()


@contextmanager
def new_image_set(folder: Path, subgroup_columns: Sequence[str]) -> Iterator[ImageSetWriter]:
    """Yield a writer; the folder appears once it has finished, and else never.

    Raises
    ------
    ImageSetError
        The writer was not finished.
    FolderError
        The folder cannot be made, or is in use.
    """
    with new_folder(folder) as unfinished:
        writer = ImageSetWriter(unfinished, subgroup_columns)
        yield writer
        if not writer.finished:
            raise ImageSetError(f"{folder} was not finished: nothing is written")


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, for its owner alone."""
    path.touch(mode=_FILE_MODE, exist_ok=False)
    path.write_bytes(content)


def _text(label: int | None) -> str:
    return "" if label is None else str(label)
