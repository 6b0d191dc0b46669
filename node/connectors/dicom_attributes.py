"""What a DICOM file says beside its pixels: a few chosen facts leave, all else is dropped.

There is no list of identifiers to be removed, which somebody would forget one of: nothing is kept
but what is named here, and the report names every attribute that was met.
"""

from collections.abc import Callable, Iterator
from datetime import date

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag
from pydicom.valuerep import DA

from zkfl.node.connectors.age_bands import UNKNOWN, age_band, full_years, years_of_dicom_age
from zkfl.node.connectors.dicom_reading import hostile_dicom, quiet_pydicom
from zkfl.node.connectors.dicom_terms import (
    BODY_PARTS,
    MODALITIES,
    SIDES,
    VIEWS,
    maker_of,
)
from zkfl.node.connectors.errors import RefusedFileError
from zkfl.node.deidentification import Action, Tally

_DEEPEST = 16
_USED: dict[str, Action] = {"PixelData": "kept", "PatientID": "pseudonymised"}


def _age_band(dataset: Dataset) -> str:
    years = years_of_dicom_age(str(dataset.get("PatientAge") or ""))
    return age_band(_age_by_dates(dataset) if years is None else years)


def _age_by_dates(dataset: Dataset) -> float | None:
    birth = _day(dataset, "PatientBirthDate")
    day = _day(dataset, "StudyDate") or _day(dataset, "AcquisitionDate")
    return full_years(birth, day) if birth and day else None


def _day(dataset: Dataset, keyword: str) -> date | None:
    try:
        return DA(dataset.get(keyword) or None)
    except (TypeError, ValueError):
        return None


def _term(keyword: str, terms: frozenset[str]) -> Callable[[Dataset], str]:
    def read(dataset: Dataset) -> str:
        text = str(dataset.get(keyword) or "").strip()
        return text if text in terms else UNKNOWN

    return read


def _maker(dataset: Dataset) -> str:
    return maker_of(str(dataset.get("Manufacturer") or "").strip()) or UNKNOWN


def _sex(dataset: Dataset) -> str:
    text = str(dataset.get("PatientSex") or "").strip()
    return text if text in {"F", "M", "O"} else UNKNOWN


SUBGROUPS: dict[str, tuple[tuple[str, ...], Action, Callable[[Dataset], str]]] = {
    "age_band": (("PatientAge", "PatientBirthDate"), "generalised", _age_band),
    "sex": (("PatientSex",), "kept", _sex),
    "modality": (("Modality",), "kept", _term("Modality", MODALITIES)),
    "body_part": (("BodyPartExamined",), "kept", _term("BodyPartExamined", BODY_PARTS)),
    "laterality": (("ImageLaterality",), "kept", _term("ImageLaterality", SIDES)),
    "view": (("ViewPosition",), "kept", _term("ViewPosition", VIEWS)),
    "manufacturer": (("Manufacturer",), "generalised", _maker),
}
"""Columns that may be kept: which attributes they come from, what happens to them, and how."""


def subgroups_of(dataset: Dataset, columns: tuple[str, ...]) -> dict[str, str]:
    """Return the chosen subgroups of an image; empty where the file has no known word for it."""
    with quiet_pydicom():
        return {name: SUBGROUPS[name][2](dataset) for name in columns}


def count_attributes(dataset: Dataset, columns: tuple[str, ...] | None, tally: Tally) -> None:
    """Count every attribute of a file, in sequences too, and what becomes of it.

    Parameters
    ----------
    dataset
        The file.
    columns
        Subgroups that are kept; None if the file is refused, and so all of it is dropped.
    tally
        What counts.

    Raises
    ------
    RefusedFileError
        Its sequences are nested without end, or cannot be read.
    """
    actions = {} if columns is None else dict(_USED)
    for column in columns or ():
        keywords, action, _ = SUBGROUPS[column]
        actions |= dict.fromkeys(keywords, action)
    with hostile_dicom("its attributes cannot be read"):
        names = list(_attribute_names(dataset))
    for name in names:
        tally.met(name, actions.get(name, "dropped"))


def _attribute_names(dataset: Dataset, before: str = "", depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise RefusedFileError("damaged", f"its sequences are nested more than {_DEEPEST} deep")
    for element in dataset:
        name = before + attribute_name(element.tag)
        yield name
        if element.VR == "SQ":
            for item in element.value:
                yield from _attribute_names(item, f"{name} > ", depth + 1)


def attribute_name(tag: BaseTag) -> str:
    """Return the standard's keyword; of a private attribute the number, for its name is free."""
    keyword = keyword_for_tag(tag)
    if keyword and not tag.is_private:
        return keyword
    kind = "private" if tag.is_private else "unknown"
    return f"({tag.group:04x},{tag.element:04x}) {kind}"
