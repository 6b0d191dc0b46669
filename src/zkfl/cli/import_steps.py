"""What the commands of ``zkfl import`` do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zkfl.cli.output import error_console, keep_facts, point_progress, tell
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
from zkfl.node.connectors.image_folder import (
    ClassFolders,
    import_class_folders,
    import_indexed,
    patient_pattern,
)
from zkfl.node.connectors.importing import Outcome, Target
from zkfl.node.connectors.labels import parse_label_map
from zkfl.node.connectors.pseudonyms import create_pseudonym_key, load_pseudonyms
from zkfl.node.deidentification import Source, Tally

_SHOWN_REFUSALS = 20
_USUAL_SUBGROUPS = ("age_band", "sex")


@dataclass(frozen=True)
class ImageSource:
    """Options of ``zkfl import images``."""

    folder: Path
    index: Path | None
    labels: Sequence[str]
    patient_from: str | None
    keep: Sequence[str]
    site: str
    one_image_per_patient: bool


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


def create_key(file: Path) -> None:
    """Draw a key of pseudonyms."""
    create_pseudonym_key(file)
    tell(f"wrote {file}: keep a copy where the hospital keeps its keys", file=str(file))


def import_image_files(
    source: ImageSource, out: Path, pseudonyms: Path, *, all_or_nothing: bool
) -> None:
    """Import image files, by index or by folders of classes."""
    key = load_pseudonyms(pseudonyms)
    if source.index is not None:
        if source.labels or source.patient_from or source.one_image_per_patient or source.site:
            raise ConnectorError("with --index, label, patient and site are columns of it")
        target = Target(out, tuple(source.keep), all_or_nothing)
        with point_progress("importing images") as progress:
            outcome = import_indexed(source.folder, source.index, key, target, progress)
    else:
        how = _class_folders(source)
        target = Target(out, ("site",) if source.site else (), all_or_nothing)
        with point_progress("importing images") as progress:
            outcome = import_class_folders(source.folder, how, key, target, progress)
    show_outcome(outcome, out)


def _class_folders(source: ImageSource) -> ClassFolders:
    if not source.labels:
        raise ConnectorError("say with --index or --label what the label of each image is")
    if source.keep:
        raise ConnectorError("--keep names columns of an --index, and there is none")
    if (source.patient_from is None) != source.one_image_per_patient:
        raise ConnectorError(
            "say either with --patient-from where a file's name holds the patient, or with "
            "--one-image-per-patient that no patient has two: nobody may be on both sides of a "
            "split"
        )
    pattern = None if source.patient_from is None else patient_pattern(source.patient_from)
    return ClassFolders(parse_label_map(source.labels), pattern, source.site)


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
    columns = tuple(_USUAL_SUBGROUPS if choices.keep is None else choices.keep)
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


def show_outcome(outcome: Outcome, out: Path) -> None:
    """Say what was imported, what was refused, and what became of the attributes."""
    for refusal in outcome.refusals[:_SHOWN_REFUSALS]:
        error_console().print(f"refused {refusal.name}: {refusal.message}", markup=False)
    more = len(outcome.refusals) - _SHOWN_REFUSALS
    if more > 0:
        error_console().print(f"refused {more} more; --json names them all", markup=False)
    tell(
        outcome.report.to_text(),
        report=outcome.report.model_dump(mode="json"),
    )
    tell(f"wrote {out}", folder=str(out))
    keep_facts(refused=[vars(refusal) for refusal in outcome.refusals])
