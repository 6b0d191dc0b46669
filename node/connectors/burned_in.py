"""Which DICOM images may show in their pixels who the patient is.

What a scanner makes has no text in its pixels; what was captured from a screen, scanned from film,
photographed or annotated often has the patient's name. Only images that are of the first kind by
every sign that a file gives are taken without its word that nothing is burned in: a screen capture
carries the modality of its study, so that the modality says too little.
"""

from pydicom import Dataset, uid
from pydicom.multival import MultiValue

from zkfl.node.connectors.dicom_reading import quiet_pydicom
from zkfl.node.connectors.errors import RefusedFileError

_SCANNERS = frozenset({"CR", "CT", "DX", "MG", "MR", "NM", "PT"})
_SCANNERS_IMAGES = frozenset(
    {
        uid.ComputedRadiographyImageStorage,
        uid.DigitalXRayImageStorageForPresentation,
        uid.DigitalXRayImageStorageForProcessing,
        uid.DigitalMammographyXRayImageStorageForPresentation,
        uid.DigitalMammographyXRayImageStorageForProcessing,
        uid.BreastTomosynthesisImageStorage,
        uid.CTImageStorage,
        uid.EnhancedCTImageStorage,
        uid.LegacyConvertedEnhancedCTImageStorage,
        uid.MRImageStorage,
        uid.EnhancedMRImageStorage,
        uid.LegacyConvertedEnhancedMRImageStorage,
        uid.NuclearMedicineImageStorage,
        uid.PositronEmissionTomographyImageStorage,
        uid.EnhancedPETImageStorage,
        uid.LegacyConvertedEnhancedPETImageStorage,
    }
)
# in the image type of what was made from other images, or from a screen
_CAPTURED = ("SECONDARY", "SCREEN")


def require_nothing_burned_in(dataset: Dataset) -> None:
    """Refuse an image whose pixels may show who the patient is.

    Raises
    ------
    RefusedFileError
        The file says that they do, or does not say that they do not though its kind may.
    """
    with quiet_pydicom():
        burned = _values(dataset, "BurnedInAnnotation")
        visible = _values(dataset, "RecognizableVisualFeatures")
        scanned = _straight_from_a_scanner(dataset)
    if "YES" in burned + visible:
        raise RefusedFileError(
            "burned_in", "it says that its pixels show who the patient is (burned in, or a face)"
        )
    if burned != ["NO"] and (burned or not scanned):
        raise RefusedFileError(
            "burned_in_unknown",
            "images of its kind often have a name burned in, and it does not say that it has none",
        )


def _straight_from_a_scanner(dataset: Dataset) -> bool:
    """Tell whether modality, class and history of an image all say so."""
    captured = any(word in part for part in _values(dataset, "ImageType") for word in _CAPTURED)
    return (
        _is_one_of(_values(dataset, "Modality"), _SCANNERS)
        and _is_one_of(_values(dataset, "SOPClassUID"), _SCANNERS_IMAGES)
        and not captured
        and "ConversionType" not in dataset
    )


def _is_one_of(values: list[str], known: frozenset[str]) -> bool:
    return len(values) == 1 and values[0] in known


def _values(dataset: Dataset, keyword: str) -> list[str]:
    """Return an attribute's values: somebody may have written several where one is allowed."""
    value = dataset.get(keyword)
    texts = value if isinstance(value, MultiValue) else [value]
    return [text for text in (str(each or "").strip().upper() for each in texts) if text]
