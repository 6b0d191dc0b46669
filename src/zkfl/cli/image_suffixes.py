"""Which paths to score are images; nothing is imported that makes a table wait for torch."""

from pathlib import Path

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})
DICOM_SUFFIXES = frozenset({".dcm", ".dicom"})


def holds_images(path: Path) -> bool:
    """Tell whether a path is an image set or an image, and no table."""
    return path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES | DICOM_SUFFIXES
