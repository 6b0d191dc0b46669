"""What the commands of ``zkfl import`` do that bring DICOM."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zkfl.cli.import_steps import show_outcome
from zkfl.cli.output import point_progress
from zkfl.node.connectors import dicomweb
from zkfl.node.connectors.dicom_attributes import SUBGROUPS
from zkfl.node.connectors.dicom_import import (
    DicomReader,
    Label,
    import_dicom_folder,
    labels_of_file,
    labels_of_tag,
    no_label,
)
from zkfl.node.connectors.dicom_pixels import parse_window
from zkfl.node.connectors.dicomweb_account import read_account
from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.connectors.importing import Target
from zkfl.node.connectors.labels import parse_label_map
from zkfl.node.connectors.pseudonyms import load_pseudonyms
from zkfl.node.deidentification import Source, Tally

_USUAL_SUBGROUPS: tuple[str, ...] = ("age_band", "sex")
_NO_SUBGROUPS = ("none",)


@dataclass(frozen=True)
class Labelling:
    """Options that say where the labels of DICOM images are."""

    table: Path | None
    key: str
    tag: str | None
    numbers: Sequence[str]
    none: bool


@dataclass(frozen=True)
class DicomChoices:
    """Options of imports of DICOM."""

    labelling: Labelling
    window: str
    keep: Sequence[str] | None
    site: str
    allow_burned_in: bool


@dataclass(frozen=True)
class ArchiveChoice:
    """An archive's account, and filters for what is wanted of it."""

    account: Path
    filters: list[str]


def import_dicom(
    folder: Path, out: Path, pseudonyms: Path, choices: DicomChoices, *, all_or_nothing: bool
) -> None:
    """Import a folder of DICOM files."""
    reader = dicom_reader(pseudonyms, choices, "dicom")
    target = Target(out, reader.all_columns, all_or_nothing)
    with point_progress("importing DICOM") as progress:
        outcome = import_dicom_folder(folder, reader, target, progress)
    show_outcome(outcome, out)


def import_dicomweb(
    chosen: ArchiveChoice,
    out: Path,
    pseudonyms: Path,
    choices: DicomChoices,
    *,
    all_or_nothing: bool,
) -> None:
    """Import images of an archive."""
    filters = dicomweb.parse_filters(chosen.filters)
    reader = dicom_reader(pseudonyms, choices, "dicomweb")
    archive = dicomweb.Archive(read_account(chosen.account))
    target = Target(out, reader.all_columns, all_or_nothing)
    with point_progress("importing from the archive") as progress:
        outcome = dicomweb.import_dicomweb(archive, filters, reader, target, progress)
    show_outcome(outcome, out)


def dicom_reader(pseudonyms: Path, choices: DicomChoices, source: Source) -> DicomReader:
    """Return the reader that the options ask for.

    Raises
    ------
    ConnectorError
        They contradict each other, or name what is unknown.
    """
    columns = _USUAL_SUBGROUPS if choices.keep is None else tuple(choices.keep)
    columns = () if columns == _NO_SUBGROUPS else columns
    unknown = [name for name in columns if name not in SUBGROUPS]
    if unknown or len(set(columns)) != len(columns):
        raise ConnectorError(f"--keep {list(columns)}: choose among {sorted(SUBGROUPS)}, once each")
    return DicomReader(
        load_pseudonyms(pseudonyms),
        _label(choices.labelling),
        parse_window(choices.window),
        columns,
        Tally(source),
        choices.site,
        choices.allow_burned_in,
    )


def _label(labelling: Labelling) -> Label:
    given = [labelling.table is not None, labelling.tag is not None, labelling.none]
    if sum(given) != 1:
        raise ConnectorError("say one of --labels, --label-tag with --label, or --no-labels")
    if labelling.table is not None:
        return labels_of_file(labelling.table, labelling.key)
    if labelling.tag is not None:
        return labels_of_tag(labelling.tag, parse_label_map(labelling.numbers))
    return no_label
