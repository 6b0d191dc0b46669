"""Where the breast ultrasound images are read from: one local file, pinned by its SHA-256."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.datasets.errors import DatasetError
from zkfl.datasets.pinned_file import DATA_DIR_VARIABLE, given_folder, pinned_bytes

FILE = "busi_128_gray.npz"
FILE_SHA256 = "d721af87dfcec0ecc726da2454b92e58a29e8d4b49566578d0d2f8e4e099e573"
_FOLDER = "busi-breast-ultrasound"
_MALIGNANT = 2
_WHERE_TO_GET_IT = (
    f"{FILE} holds the images of https://github.com/TongxinWang0405/BMI702_project (commit "
    "922c9469dff20e816d3144880eadd28cdad8efa2, folder Dataset_BUSI_with_GT) as 128 x 128 grey "
    "pixels with labels and groups of near-duplicates; give the folder that holds it by --data-dir "
    f"or {DATA_DIR_VARIABLE}"
)


@dataclass(frozen=True)
class BusiImages:
    """The images without the pair that contradicts itself.

    Attributes
    ----------
    pixels : numpy.ndarray
        uint8 ``(N, 128, 128)``, grey.
    malignant : numpy.ndarray
        int64 ``(N,)``, 1 for malignant, 0 for benign or normal.
    classes : numpy.ndarray
        int64 ``(N,)``: 0 normal, 1 benign, 2 malignant.
    groups : numpy.ndarray
        int64 ``(N,)``: near-duplicates share a group, and so perhaps a patient.
    """

    pixels: NDArray[np.uint8]
    malignant: NDArray[np.int64]
    classes: NDArray[np.int64]
    groups: NDArray[np.int64]


def read_busi(data_dir: Path | None = None) -> BusiImages:
    """Return the images of a local copy.

    Parameters
    ----------
    data_dir
        Folder with the file, or with a folder ``busi-breast-ultrasound`` that holds it; without
        one, the environment variable ``ZKFL_DATA_DIR`` is read.

    Raises
    ------
    DatasetError
        The file is absent or altered; the message says where to get it.
    """
    folder = given_folder(data_dir)
    if folder is None:
        raise DatasetError(f"the ultrasound images are not here: {_WHERE_TO_GET_IT}")
    nested = folder / _FOLDER
    path = (nested if nested.is_dir() else folder) / FILE
    return _unpacked(pinned_bytes(path, FILE_SHA256, _WHERE_TO_GET_IT))


def _unpacked(content: bytes) -> BusiImages:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            pixels, labels, groups = file["images"], file["labels"], file["dup_group"]
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{FILE} is no file of images: {error}") from error
    malignant = (labels == _MALIGNANT).astype(np.int64)
    kept = ~_contradicted(pixels, malignant)
    classes = labels.astype(np.int64)
    return BusiImages(pixels[kept], malignant[kept], classes[kept], groups[kept].astype(np.int64))


def _contradicted(pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark images whose very pixels occur with another label: one of the two is wrong."""
    seen: dict[bytes, set[int]] = {}
    keys = [hashlib.sha256(image.tobytes()).digest() for image in pixels]
    for key, label in zip(keys, labels, strict=True):
        seen.setdefault(key, set()).add(int(label))
    return np.array([len(seen[key]) > 1 for key in keys])
