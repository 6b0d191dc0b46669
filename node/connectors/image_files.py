"""PNG, JPEG and TIFF files as plain pixels; what they say beside the pixels is dropped."""

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from zkfl.node.connectors.errors import RefusedFileError
from zkfl.node.deidentification import Tally
from zkfl.node.images.errors import ImageError
from zkfl.node.images.png import MAX_IMAGE_BYTES, require_size
from zkfl.public_file import read_public_file

_FORMATS = ("PNG", "JPEG", "TIFF")
_GREY_MODES = frozenset({"1", "L"})
_DEEP_MODES = frozenset({"I;16", "I;16B", "I;16L"})
_COLOUR_MODES = frozenset({"P", "RGB", "RGBA", "LA", "PA", "CMYK", "YCbCr"})
_OPAQUE = 255


def read_image_file(path: Path, tally: Tally) -> NDArray[np.uint8]:
    """Return a file's pixels upright, ``(h, w)`` grey or ``(h, w, 3)`` RGB.

    The content decides what it is, not the name. Grey of 16 bits is scaled to 8 by its range of
    values; colour that is no RGB is converted.

    Raises
    ------
    PublicFileError
        The file cannot be read, or is too large.
    ImageError
        It has too many pixels, or is damaged.
    RefusedFileError
        It is no PNG, JPEG or TIFF, has several pages, transparency, or another kind of pixels.
    """
    content = read_public_file(path, MAX_IMAGE_BYTES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # some tags of JPEG and TIFF are damaged in many good images, and are dropped anyway
        warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")
        try:
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                require_size(*image.size)
                return _plain_pixels(image, tally)
        except (ImageError, RefusedFileError):
            raise
        # a decoder of hostile bytes fails in more ways than it names
        except Exception as error:
            raise RefusedFileError("no_image", f"no readable PNG, JPEG or TIFF: {error}") from error


def _plain_pixels(image: Image.Image, tally: Tally) -> NDArray[np.uint8]:
    if getattr(image, "n_frames", 1) != 1:
        raise RefusedFileError("several_pages", f"it has {image.n_frames} pages: save each alone")  # type: ignore[attr-defined]
    image.load()
    _count_dropped(image, tally)
    upright = ImageOps.exif_transpose(image)
    if upright.mode in _DEEP_MODES:
        return _eight_bits(np.asarray(upright))
    if upright.mode in _GREY_MODES:
        return np.asarray(upright.convert("L"), dtype=np.uint8).copy()
    if upright.mode in _COLOUR_MODES:
        _require_opaque(upright)
        return np.asarray(upright.convert("RGB"), dtype=np.uint8).copy()
    raise RefusedFileError("pixel_type", f"pixels of mode {upright.mode}: save it as grey or RGB")


def _eight_bits(values: NDArray[np.uint16]) -> NDArray[np.uint8]:
    low, high = int(values.min()), int(values.max())
    scaled = (values.astype(np.float64) - low) * (_OPAQUE / max(high - low, 1))
    return np.rint(scaled).astype(np.uint8)


def _require_opaque(image: Image.Image) -> None:
    if image.mode not in {"RGBA", "LA", "PA"} and "transparency" not in image.info:
        return
    alpha = image.convert("RGBA").getchannel("A").getextrema()
    if alpha != (_OPAQUE, _OPAQUE):
        raise RefusedFileError("transparency", "parts of it are transparent: save it without")


def _count_dropped(image: Image.Image, tally: Tally) -> None:
    """Count what lies beside the pixels, by its standard's name: free keys could be values."""
    exif = image.getexif()
    for tag in exif:
        tally.met(f"EXIF {ExifTags.TAGS.get(tag, hex(tag))}", "dropped")
    if ExifTags.Base.GPSInfo in exif:
        tally.met("EXIF GPS position", "dropped")
    for name in ("icc_profile", "comment", "xmp", "photoshop"):
        if image.info.get(name):
            tally.met(name, "dropped")
    if getattr(image, "text", None):
        tally.met("PNG text", "dropped")
    tally.met("pixels", "kept")
