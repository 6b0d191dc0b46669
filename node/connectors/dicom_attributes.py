"""What a DICOM file says beside its pixels: a few chosen facts leave, all else is dropped.

There is no list of identifiers to be removed, which somebody would forget one of: nothing is kept
but what is named here, and the report names every attribute that was met.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag
from pydicom.valuerep import DA

from zkfl.node.connectors.age_bands import UNKNOWN, age_band, full_years, years_of_dicom_age
from zkfl.node.connectors.dicom_reading import hostile_dicom, quiet_pydicom
from zkfl.node.connectors.errors import RefusedFileError
from zkfl.node.deidentification import Action, Tally

_DEEPEST = 16
# the standard's code strings, one side of the body, and a maker's name
_CODE = re.compile(r"[A-Z0-9][A-Z0-9 _]{0,15}")
_SIDE = re.compile(r"[LRUB]")
_MAKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,31}")
_SHORTEST_NAME = 3
# images of these kinds often carry the patient's name in the pixels
_OFTEN_BURNED_IN = frozenset({"US", "XC", "ES", "GM", "SM", "OT", "SC", "DOC", "RF", "XA", "IVUS"})
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


def _word(keyword: str, form: "re.Pattern[str]") -> Callable[[Dataset], str]:
    def read(dataset: Dataset) -> str:
        text = str(dataset.get(keyword) or "").strip()
        named = any(part in text.casefold() for part in _parts_of_names(dataset))
        return UNKNOWN if named or not form.fullmatch(text) else text.replace("_", "-")

    return read


def _parts_of_names(dataset: Dataset) -> list[str]:
    """Return what must not be in a fact that is kept: somebody may have typed it there."""
    texts = [str(dataset.get(keyword) or "") for keyword in ("PatientName", "PatientID")]
    parts = re.split(r"[\^=\s]+", " ".join(texts).casefold())
    return [part for part in parts if len(part) >= _SHORTEST_NAME]


def _sex(dataset: Dataset) -> str:
    text = str(dataset.get("PatientSex") or "").strip()
    return text if text in {"F", "M", "O"} else UNKNOWN


SUBGROUPS: dict[str, tuple[tuple[str, ...], Action, Callable[[Dataset], str]]] = {
    "age_band": (("PatientAge", "PatientBirthDate"), "generalised", _age_band),
    "sex": (("PatientSex",), "kept", _sex),
    "modality": (("Modality",), "kept", _word("Modality", _CODE)),
    "body_part": (("BodyPartExamined",), "kept", _word("BodyPartExamined", _CODE)),
    "laterality": (("ImageLaterality",), "kept", _word("ImageLaterality", _SIDE)),
    "view": (("ViewPosition",), "kept", _word("ViewPosition", _CODE)),
    "manufacturer": (("Manufacturer",), "kept", _word("Manufacturer", _MAKER)),
}
"""Columns that may be kept: which attributes they come from, what happens to them, and how."""


def subgroups_of(dataset: Dataset, columns: tuple[str, ...]) -> dict[str, str]:
    """Return the chosen subgroups of an image; empty where the file does not say."""
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


def require_nothing_burned_in(dataset: Dataset) -> None:
    """Refuse an image whose pixels may show who the patient is.

    Raises
    ------
    RefusedFileError
        The file says that they do, or does not say that they do not though its kind often does.
    """
    with quiet_pydicom():
        burned = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
        modality = str(dataset.get("Modality") or "").strip().upper()
        visible = str(dataset.get("RecognizableVisualFeatures") or "").strip().upper()
    if burned == "YES" or visible == "YES":
        raise RefusedFileError(
            "burned_in", "it says that its pixels show who the patient is (burned in, or a face)"
        )
    if burned != "NO" and (modality in _OFTEN_BURNED_IN or not modality):
        raise RefusedFileError(
            "burned_in_unknown",
            "images of its kind often have a name burned in, and it does not say that it has none",
        )
