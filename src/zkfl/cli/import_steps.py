"""What the commands of ``zkfl import`` do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zkfl.cli.output import error_console, keep_facts, point_progress, tell
from zkfl.foreign_text import foreign_text
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
from zkfl.node.images.image_set import REPORT

_SHOWN_REFUSALS = 20


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


def show_outcome(outcome: Outcome, out: Path) -> None:
    """Say what was imported, what was refused, and what became of the attributes."""
    for refusal in outcome.refusals[:_SHOWN_REFUSALS]:
        # both may hold the name of a file, which is a stranger's
        shown = f"refused {foreign_text(refusal.name)}: {foreign_text(refusal.message)}"
        error_console().print(shown, markup=False)
    more = len(outcome.refusals) - _SHOWN_REFUSALS
    if more > 0:
        error_console().print(f"refused {more} more; --json names them all", markup=False)
    tell(
        outcome.report.to_text(out / REPORT),
        report=outcome.report.model_dump(mode="json"),
    )
    tell(f"wrote {out}", folder=str(out))
    keep_facts(refused=[vars(refusal) for refusal in outcome.refusals])
