"""Folders of image files: a folder for each class, or an index that names patient and label."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.connectors.found_files import files_below
from zkfl.node.connectors.image_files import read_image_file
from zkfl.node.connectors.importing import Arrival, Outcome, Progress, Target, import_images
from zkfl.node.connectors.labels import LabelMap, label_number
from zkfl.node.connectors.pseudonyms import Pseudonyms
from zkfl.node.deidentification import Action, Tally
from zkfl.node.images.image_set import IDENTITY_COLUMNS, MAX_IMAGES
from zkfl.node.records.files import read_table
from zkfl.node.records.texts import group_text, name_text


@dataclass(frozen=True)
class ClassFolders:
    """How to read a folder that holds a folder for each class.

    Attributes
    ----------
    labels : LabelMap
        Number of each folder's name.
    patient : re.Pattern[str] or None
        Its one group finds the patient in a file's name; None if each image is of another patient.
    site : str
        Kept as the subgroup ``site``; empty for none.
    """

    labels: LabelMap
    patient: "re.Pattern[str] | None"
    site: str = ""


def patient_pattern(text: str) -> "re.Pattern[str]":
    """Return a pattern with one group.

    Raises
    ------
    ConnectorError
        It is no regular expression, or has another number of groups.
    """
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ConnectorError(f"{text!r} is no regular expression: {error}") from error
    if pattern.groups != 1:
        raise ConnectorError(
            f"{text!r} has {pattern.groups} groups: put the patient's part in the only one"
        )
    return pattern


def import_class_folders(
    folder: Path,
    how: ClassFolders,
    pseudonyms: Pseudonyms,
    target: Target,
    on_progress: Progress = lambda _done, _all: None,
) -> Outcome:
    """Import the images of a folder that holds a folder for each class.

    Raises
    ------
    ConnectorError
        There is no image, or a folder's name is no declared class.
    ImageSetError
        The target is in use, or no image was taken.
    """
    files = files_below(folder)
    _require_known_classes(folder, files, how.labels)
    tally = Tally("images")

    def read(path: Path) -> Iterator[Arrival]:
        relative = path.relative_to(folder)
        label = how.labels.number_of(relative.parts[0])
        patient = pseudonyms.of_patient(_patient_of(relative, how.patient))
        pixels = read_image_file(path, tally)
        tally.met("file name", "pseudonymised")
        yield Arrival(pixels, patient, label, {"site": how.site} if how.site else {})

    return import_images(files, read, target, tally, on_progress)


def _require_known_classes(folder: Path, files: list[Path], labels: LabelMap) -> None:
    names = {path.relative_to(folder).parts[0] for path in files if path.parent != folder}
    unknown = sorted(names - labels.numbers.keys())
    absent = sorted(labels.numbers.keys() - names)
    if unknown or absent:
        raise ConnectorError(
            f"{folder} has folders {unknown} without a number, and none for {absent}: give each "
            "class its number, and move away what is no class"
        )


def _patient_of(relative: Path, pattern: "re.Pattern[str] | None") -> str:
    if pattern is None:
        # with the folder: benign/1.png and malignant/1.png are two
        return relative.as_posix()
    match = pattern.search(relative.name)
    if match is None or not match[1]:
        raise RefusedFileError("no_patient", "the pattern finds no patient in the file's name")
    return match[1]


@dataclass(frozen=True)
class _Listed:
    place: PurePosixPath
    patient: str | None
    label: str
    subgroups: Mapping[str, str]

    def __str__(self) -> str:
        """Return what names it in messages."""
        return str(self.place)


def import_indexed(
    folder: Path,
    index: Path,
    pseudonyms: Pseudonyms,
    target: Target,
    on_progress: Progress = lambda _done, _all: None,
) -> Outcome:
    """Import the images that a table names.

    Parameters
    ----------
    folder
        Where the names of the table begin.
    index
        CSV or Parquet with the columns ``image``, ``patient``, ``label`` and those that the target
        keeps; further ones are dropped, and reported.
    pseudonyms
        Of the site; the table holds the hospital's own identifiers.
    target, on_progress
        Where it goes, and what is told after each image.

    Raises
    ------
    RecordsFileError
        The table is no clean one.
    ConnectorError
        It lacks a column, or names a file outside of the folder.
    ImageSetError
        The target is in use, or no image was taken.
    """
    tally = Tally("images")
    listed = _read_listed(index, target.columns, tally)

    def read(row: _Listed) -> Iterator[Arrival]:
        path = _inside(folder, row.place)
        label = label_number(row.label, "label")
        patient = pseudonyms.of_patient(row.patient)
        yield Arrival(read_image_file(path, tally), patient, label, dict(row.subgroups))

    return import_images(listed, read, target, tally, on_progress)


def _read_listed(index: Path, kept: tuple[str, ...], tally: Tally) -> list[_Listed]:
    wanted = (*IDENTITY_COLUMNS, *kept)
    table = read_table(index, wanted, MAX_IMAGES)
    absent = [name for name in wanted if name not in table.columns]
    if absent:
        raise ConnectorError(f"{index} has no column(s) {absent}")
    for name in table.header:
        tally.met(f"column {name}", _action(name, wanted))
    rows = zip(*(table.columns[name] for name in wanted), strict=True)
    return [_listed(row, kept) for row in rows]


def _action(name: str, wanted: tuple[str, ...]) -> Action:
    if name in {"image", "patient"}:
        return "pseudonymised"
    return "kept" if name in wanted else "dropped"


def _listed(cells: Sequence[object], kept: tuple[str, ...]) -> _Listed:
    image, patient, label = map(name_text, cells[: len(IDENTITY_COLUMNS)])
    groups = map(group_text, cells[len(IDENTITY_COLUMNS) :])
    place = PurePosixPath(image or "")
    return _Listed(place, patient, label or "", dict(zip(kept, groups, strict=True)))


def _inside(folder: Path, place: PurePosixPath) -> Path:
    """Return the file of a name, which is a stranger's: it stays below the folder."""
    path = folder / place
    # no file has NUL in its name, and resolving one raises; resolved, since a link on the way could
    # lead out as well as dots do
    nowhere = "\0" in str(place) or place.is_absolute()
    if nowhere or not path.resolve().is_relative_to(folder.resolve()):
        raise RefusedFileError("outside", "the name leads out of the folder of images")
    return path
