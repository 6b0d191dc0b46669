"""DICOM files as images of a set."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import Dataset

from zkfl.node.connectors.burned_in import require_nothing_burned_in
from zkfl.node.connectors.dicom_attributes import count_attributes, subgroups_of
from zkfl.node.connectors.dicom_pixels import Window, frames_of, require_picture
from zkfl.node.connectors.dicom_reading import hostile_dicom, read_dicom_file
from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.connectors.found_files import files_below
from zkfl.node.connectors.importing import Arrival, Outcome, Progress, Target, import_images
from zkfl.node.connectors.labels import LabelMap, read_labels
from zkfl.node.connectors.pseudonyms import Pseudonyms
from zkfl.node.deidentification import Tally
from zkfl.node.images.errors import ImageError

LABEL_KEYS = {"sop_instance_uid": "SOPInstanceUID", "patient_id": "PatientID"}
"""Columns by which a table of labels may name images, and the attribute that each is."""
Label = Callable[[Dataset], int | None]


def no_label(_dataset: Dataset) -> None:
    """Return no label: the images are only to be scored."""


def labels_of_file(path: Path, key: str) -> Label:
    """Return what looks an image's label up in a table.

    Raises
    ------
    ConnectorError
        The key is unknown, or the table is none of labels.
    """
    if key not in LABEL_KEYS:
        raise ConnectorError(f"labels are looked up by one of {sorted(LABEL_KEYS)}, not by {key!r}")
    labels = read_labels(path, key)

    def label(dataset: Dataset) -> int:
        return _looked_up(labels, str(dataset.get(LABEL_KEYS[key]) or "").strip(), key)

    return label


def labels_of_tag(keyword: str, numbers: LabelMap) -> Label:
    """Return what reads an image's label from one of its attributes."""

    def label(dataset: Dataset) -> int:
        return numbers.number_of(str(dataset.get(keyword) or "").strip())

    return label


def _looked_up(labels: Mapping[str, int], name: str, key: str) -> int:
    if name not in labels:
        raise RefusedFileError("no_label", f"the table of labels has no row for its {key}")
    return labels[name]


@dataclass
class DicomReader:
    """Turns data sets into arrivals.

    Attributes
    ----------
    pseudonyms : Pseudonyms
        Of the site.
    label : Label
        Finds the label.
    window : Window
        How grey values become 0 to 255.
    columns : tuple[str, ...]
        Subgroups that are kept.
    tally : Tally
        What counts attributes.
    site : str
        Kept as the subgroup ``site``; empty for none.
    allow_burned_in : bool
        Whether somebody looked at the pixels, and no patient can be recognised in them.
    """

    pseudonyms: Pseudonyms
    label: Label
    window: Window
    columns: tuple[str, ...]
    tally: Tally
    site: str = ""
    allow_burned_in: bool = False
    _seen: set[str] = field(default_factory=set)

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Subgroup columns of the set."""
        return (*(("site",) if self.site else ()), *self.columns)

    def read(self, dataset: Dataset) -> Iterator[Arrival]:
        """Yield the frames of a data set.

        Raises
        ------
        RefusedFileError, ImageError
            It is not taken.
        """
        try:
            arrivals = self._arrivals(dataset)
        except (ConnectorError, ImageError):
            # nothing of it is kept
            count_attributes(dataset, None, self.tally)
            raise
        count_attributes(dataset, self.columns, self.tally)
        yield from arrivals

    def _arrivals(self, dataset: Dataset) -> list[Arrival]:
        with hostile_dicom("its attributes cannot be read"):
            self._require_new(dataset)
            patient = self.pseudonyms.of_patient(dataset.get("PatientID"))
            require_picture(dataset)
            if not self.allow_burned_in:
                require_nothing_burned_in(dataset)
            label = self.label(dataset)
            subgroups = subgroups_of(dataset, self.columns)
        subgroups |= {"site": self.site} if self.site else {}
        return [
            Arrival(pixels, patient, label, subgroups) for pixels in frames_of(dataset, self.window)
        ]

    def _require_new(self, dataset: Dataset) -> None:
        name = str(dataset.get("SOPInstanceUID") or "").strip()
        if not name:
            raise RefusedFileError("no_instance", "it has no SOP Instance UID")
        if name in self._seen:
            raise RefusedFileError("repeated_instance", "its SOP Instance UID was there before")
        self._seen.add(name)


def import_dicom_folder(
    folder: Path,
    reader: DicomReader,
    target: Target,
    on_progress: Progress = lambda _done, _all: None,
) -> Outcome:
    """Import the DICOM files of a folder and those in it.

    Raises
    ------
    ConnectorError
        There is no file, all were refused, or one was and none may be.
    ImageSetError
        The target is in use.
    """

    def read(path: Path) -> Iterator[Arrival]:
        return reader.read(read_dicom_file(path))

    return import_images(files_below(folder), read, target, reader.tally, on_progress)
