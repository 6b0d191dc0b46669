"""DICOM's stored values as 8-bit pixels: modality transform, window, polarity, colour.

The order is that of the standard's part 3, C.11: stored values, minus padding; rescale slope and
intercept, or the modality's table; the window, or the table of values of interest; at last the
polarity, so that small values are dark in every image (https://dicom.nema.org/medical/dicom/current/
output/chtml/part03/sect_C.11.html).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.pixels.processing import apply_color_lut, apply_rescale, apply_voi
from pydicom.pixels.utils import pixel_array

from zkfl.node.connectors.dicom_frames import require_frame_of_its_size
from zkfl.node.connectors.dicom_reading import hostile_dicom
from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.images.png import require_size

MAX_FRAMES = 4096
MAX_FILE_PIXELS = 1 << 28
"""Largest number of pixels of all frames of a file together."""
_GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})
_COLOUR = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
# these have pixel data that are no picture: labels, and doses
_NO_PICTURES = frozenset({"SEG", "RTDOSE"})
_PERCENTILES = (1.0, 99.0)
_WHITE = 255.0
# headers of small compressed frames
_SPARE_BYTES = 1 << 20
_DEPTHS = (8, 16)
_PALETTES = ("Red", "Green", "Blue", "Alpha")
_WINDOW = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?),([0-9]+(?:\.[0-9]+)?)")
_TRANSFORMS = ("PixelValueTransformationSequence", "FrameVOILUTSequence")


@dataclass(frozen=True)
class Window:
    """How grey values become 0 to 255.

    Attributes
    ----------
    kind : str
        ``file``: the file's first window or table; ``percentile``: from the 1st to the 99th
        percentile of each image; ``given``: the same one for all.
    centre, width : float
        Of a given one, in the units of the rescaled values, such as Hounsfield units.
    """

    kind: Literal["file", "percentile", "given"]
    centre: float = 0.0
    width: float = 1.0


def parse_window(text: str) -> Window:
    """Return the window of ``file``, ``percentile``, or ``centre,width``.

    Raises
    ------
    ConnectorError
        It is none of them, or has no width.
    """
    if text == "file":
        return Window("file")
    if text == "percentile":
        return Window("percentile")
    match = _WINDOW.fullmatch(text)
    if match is None or float(match[2]) < 1:
        raise ConnectorError(
            f"window {text!r}: write file, percentile, or a centre and a width such as 40,400"
        )
    return Window("given", float(match[1]), float(match[2]))


def frames_of(dataset: Dataset, window: Window) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of a data set, ``(h, w)`` grey or ``(h, w, 3)`` RGB.

    Raises
    ------
    ImageError
        A frame has too many pixels.
    RefusedFileError
        It holds no image of 8 or 16 bits, too many frames, no window where the file's is wanted,
        or pixels that do not decode.
    """
    with hostile_dicom("it describes its pixels wrongly"):
        count = _require_image(dataset)
    for index in range(count):
        with hostile_dicom("its pixels do not decode"):
            frame = _frame(dataset, index, window)
        yield frame


def require_picture(dataset: Dataset) -> None:
    """Refuse what holds no picture.

    Raises
    ------
    RefusedFileError
        It is a report, contours, labels, doses or the like.
    """
    if "PixelData" not in dataset or dataset.get("Modality") in _NO_PICTURES:
        raise RefusedFileError("no_image", "it holds no image, but a report, contours or the like")


def _require_image(dataset: Dataset) -> int:
    """Refuse what is no image, or too much of one, before a pixel is decoded."""
    require_picture(dataset)
    count = int(dataset.get("NumberOfFrames") or 1)
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    require_size(columns, rows)
    if not 1 <= count <= MAX_FRAMES or count * rows * columns > MAX_FILE_PIXELS:
        raise RefusedFileError("too_large", f"{count} frames of {columns} x {rows} are too many")
    if dataset.BitsAllocated not in _DEPTHS:
        raise RefusedFileError("pixel_type", f"values of {dataset.BitsAllocated} bits are not read")
    _require_packed(dataset, count * rows * columns)
    return count


def _require_packed(dataset: Dataset, pixels: int) -> None:
    """Refuse more bytes than the pixels have."""
    most = 2 * pixels * int(dataset.SamplesPerPixel) * int(dataset.BitsAllocated) // 8
    if len(dataset.PixelData) > most + _SPARE_BYTES:
        raise RefusedFileError("too_large", "it holds more bytes than its pixels can have")


def _frame(dataset: Dataset, index: int, window: Window) -> NDArray[np.uint8]:
    kind = dataset.PhotometricInterpretation
    if kind == "PALETTE COLOR":
        _require_plain_palette(dataset)
        return _eight_bits(apply_color_lut(_stored(dataset, index), dataset))
    if kind in _COLOUR:
        return _eight_bits(_stored(dataset, index))
    if kind in _GREY:
        grey = _windowed(dataset, index, window)
        return np.rint(255 - grey if kind == "MONOCHROME1" else grey).astype(np.uint8)
    raise RefusedFileError("pixel_type", f"photometric interpretation {str(kind)[:20]!r}")


def _require_plain_palette(dataset: Dataset) -> None:
    """Refuse a palette in segments: six bytes of one become thousands of numbers, or no end."""
    if any(f"Segmented{name}PaletteColorLookupTableData" in dataset for name in _PALETTES):
        raise RefusedFileError("pixel_type", "its palette is in segments, which are not read")


def _stored(dataset: Dataset, index: int) -> NDArray[np.int64]:
    """Return the values of a frame as they are stored; colour becomes RGB."""
    require_frame_of_its_size(dataset, index)
    values: NDArray[np.int64] = pixel_array(dataset, index=index)
    if values.shape[:2] != (dataset.Rows, dataset.Columns):
        raise RefusedFileError("damaged", "its pixels have another size than it says")
    return values


def _eight_bits(colours: NDArray[np.int64]) -> NDArray[np.uint8]:
    if colours.ndim != 3 or colours.shape[2] != 3:  # noqa: PLR2004 - rows, columns, RGB
        raise RefusedFileError("pixel_type", "it has colours, and they are no red, green and blue")
    high_bits = colours >> 8 if colours.dtype.itemsize > 1 else colours
    return high_bits.astype(np.uint8)


def _windowed(dataset: Dataset, index: int, window: Window) -> NDArray[np.float64]:
    """Return grey values of 0 to 255; what is padding has the smallest value of the image."""
    transforms = transforms_of(dataset, index)
    stored = _stored(dataset, index)
    padding = _padding(dataset, stored)
    values = apply_rescale(stored, transforms).astype(np.float64)
    if padding.all() or not np.isfinite(values).all():
        raise RefusedFileError("no_values", "it holds no finite value, or nothing but padding")
    grey = _through_window(values, padding, transforms, window)
    grey[padding] = _WHITE if dataset.PhotometricInterpretation == "MONOCHROME1" else 0.0
    return grey


def transforms_of(dataset: Dataset, index: int) -> Dataset:
    """Return rescaling and window of a frame: its own, or those that all frames share.

    Enhanced multi-frame images keep them in functional groups, other images at the top.
    """
    found = Dataset()
    for name in ("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "VOILUTSequence"):
        _copy(dataset, found, name)
    for name in ("WindowCenter", "WindowWidth", "VOILUTFunction"):
        _copy(dataset, found, name)
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    own = (dataset.get("PerFrameFunctionalGroupsSequence") or [])[index : index + 1]
    for group in [*shared[:1], *own]:
        for sequence in _TRANSFORMS:
            for item in (group.get(sequence) or [])[:1]:
                found.update(item)
    for name in ("BitsStored", "PixelRepresentation"):
        _copy(dataset, found, name)
    return found


def _copy(source: Dataset, target: Dataset, name: str) -> None:
    if name in source:
        target[name] = source[name]


def _padding(dataset: Dataset, stored: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which values are none: the padding value, or a range of them."""
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return np.zeros(stored.shape, dtype=np.bool_)
    limit = dataset.get("PixelPaddingRangeLimit", value)
    low, high = sorted((_as_stored(dataset, value), _as_stored(dataset, limit)))
    return (stored >= low) & (stored <= high)


def _as_stored(dataset: Dataset, value: int) -> int:
    """Return a padding value with the sign of the pixels: files of old write it unsigned."""
    bits = int(dataset.BitsAllocated)
    unsigned = int(value) % (1 << bits)
    signed = dataset.PixelRepresentation == 1 and unsigned >= 1 << (bits - 1)
    return unsigned - (1 << bits) if signed else unsigned


def _through_window(
    values: NDArray[np.float64],
    padding: NDArray[np.bool_],
    transforms: Dataset,
    window: Window,
) -> NDArray[np.float64]:
    if window.kind == "given":
        return _linear(values, window.centre, window.width)
    if window.kind == "percentile":
        low, high = np.percentile(values[~padding], _PERCENTILES)
        shares: NDArray[np.float64] = (values - low) / max(float(high - low), 1e-9)
        return np.clip(shares, 0, 1) * _WHITE
    if "WindowCenter" in transforms and "WindowWidth" in transforms:
        return _file_window(values, transforms)
    if "VOILUTSequence" in transforms:
        table: NDArray[np.float64] = apply_voi(values.astype(np.int64), transforms).astype(float)
        depth = int(transforms.VOILUTSequence[0].LUTDescriptor[2])
        return table / ((1 << depth) - 1) * _WHITE
    raise RefusedFileError(
        "no_window", "it names no window: give one (--window 40,400), or take --window percentile"
    )


def _file_window(values: NDArray[np.float64], transforms: Dataset) -> NDArray[np.float64]:
    """Apply the first window of a file, by the function that it names."""
    centre, width = _first(transforms.WindowCenter), _first(transforms.WindowWidth)
    function = transforms.get("VOILUTFunction") or "LINEAR"
    least = 1.0 if function == "LINEAR" else 0.0
    if not np.isfinite([centre, width]).all() or width < least or width == 0:
        raise RefusedFileError("no_window", "its window is none")
    if function == "LINEAR":
        return _linear(values, centre, width)
    if function == "LINEAR_EXACT":
        exact: NDArray[np.float64] = np.clip((values - centre) / width + 0.5, 0, 1) * _WHITE
        return exact
    if function == "SIGMOID":
        exponent = np.clip(-4 * (values - centre) / width, -700, 700)
        grey: NDArray[np.float64] = _WHITE / (1 + np.exp(exponent))
        return grey
    raise RefusedFileError("no_window", f"its window is of the unknown kind {str(function)[:20]!r}")


def _first(value: Any) -> float:  # noqa: ANN401 - one number or several, as pydicom has it
    return float(value[0] if isinstance(value, MultiValue) else value)


def _linear(values: NDArray[np.float64], centre: float, width: float) -> NDArray[np.float64]:
    """Return the standard's linear function, which is half a unit off centre (C.11.2.1.2.1)."""
    if width == 1:
        return np.where(values > centre - 0.5, np.float64(_WHITE), np.float64(0))
    shares: NDArray[np.float64] = (values - (centre - 0.5)) / (width - 1) + 0.5
    return np.clip(shares, 0, 1) * _WHITE
