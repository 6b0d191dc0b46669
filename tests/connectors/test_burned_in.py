"""Pixels that may show a patient's name are refused, unless the file rules it out."""

from collections.abc import Callable

import pytest
from pydicom import uid
from pydicom.dataset import Dataset

from zkfl.node.connectors.burned_in import require_nothing_burned_in
from zkfl.node.connectors.errors import RefusedFileError

MakeDicom = Callable[..., Dataset]


def refusal(dataset: Dataset) -> str:
    with pytest.raises(RefusedFileError) as refused:
        require_nothing_burned_in(dataset)
    return refused.value.reason


@pytest.mark.parametrize(
    ("modality", "kind", "image_type"),
    [
        ("CT", uid.CTImageStorage, ["ORIGINAL", "PRIMARY", "AXIAL"]),
        ("CT", uid.EnhancedCTImageStorage, None),
        ("MG", uid.DigitalMammographyXRayImageStorageForPresentation, ["DERIVED", "PRIMARY"]),
        ("MG", uid.BreastTomosynthesisImageStorage, None),
        ("DX", uid.DigitalXRayImageStorageForPresentation, ["ORIGINAL", "PRIMARY"]),
        ("CR", uid.ComputedRadiographyImageStorage, None),
        ("MR", uid.MRImageStorage, ["ORIGINAL", "PRIMARY", "M"]),
        ("PT", uid.PositronEmissionTomographyImageStorage, None),
        ("NM", uid.NuclearMedicineImageStorage, None),
    ],
)
def test_what_comes_straight_from_a_scanner_is_taken(
    make_dicom: MakeDicom, modality: str, kind: str, image_type: list[str] | None
) -> None:
    facts = {"Modality": modality, "SOPClassUID": kind, "ImageType": image_type}
    require_nothing_burned_in(make_dicom(BurnedInAnnotation=None, **facts))
    require_nothing_burned_in(make_dicom(BurnedInAnnotation="", **facts))


CAPTURES = [
    {"SOPClassUID": uid.SecondaryCaptureImageStorage},
    {"SOPClassUID": uid.MultiFrameTrueColorSecondaryCaptureImageStorage, "Modality": "MR"},
    {"SOPClassUID": uid.UltrasoundImageStorage},
    {"SOPClassUID": uid.UltrasoundMultiFrameImageStorage},
    {"SOPClassUID": uid.VLPhotographicImageStorage},
    {"SOPClassUID": uid.OphthalmicPhotography8BitImageStorage},
    {"SOPClassUID": "1.2.3.4"},
    {"SOPClassUID": None},
    {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
    {"ImageType": ["DERIVED", "PRIMARY", "screen save"]},
    {"ImageType": "SECONDARY"},
    {"ConversionType": "WSD"},
    {"ConversionType": ""},
    {"Modality": None},
    {"Modality": ["MG", "US"]},
    {"Modality": ["CT", "CT"]},
    *({"Modality": each} for each in ("US", "us", "OP", "RG", "PX", "TG", "RTIMAGE", "SC", "XX")),
]


@pytest.mark.parametrize("facts", CAPTURES, ids=str)
def test_what_may_be_a_capture_is_taken_only_if_it_rules_a_name_out(
    make_dicom: MakeDicom, facts: dict[str, object]
) -> None:
    assert refusal(make_dicom(BurnedInAnnotation=None, **facts)) == "burned_in_unknown"
    require_nothing_burned_in(make_dicom(BurnedInAnnotation="NO", **facts))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned_in"),
        ({"BurnedInAnnotation": "yes "}, "burned_in"),
        ({"BurnedInAnnotation": ["NO", "YES"]}, "burned_in"),
        ({"RecognizableVisualFeatures": "YES"}, "burned_in"),
        ({"BurnedInAnnotation": "NONE"}, "burned_in_unknown"),
        ({"BurnedInAnnotation": ["NO", "NO"]}, "burned_in_unknown"),
    ],
    ids=str,
)
def test_a_scanners_image_that_says_anything_but_no_is_refused(
    make_dicom: MakeDicom, facts: dict[str, object], reason: str
) -> None:
    assert refusal(make_dicom(**facts)) == reason
