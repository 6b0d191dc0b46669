"""The one file format of an image set: 8-bit PNG, grey or RGB, without a word beside the pixels."""

import io
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zkfl.node.images.errors import ImageError
from zkfl.public_file import read_public_file

MAX_SIDE = 8192
"""Largest width and height, in pixels."""
MAX_PIXELS = 1 << 25
"""Largest width times height: 32 million, 96 MB once it is RGB."""
MAX_IMAGE_BYTES = 128 << 20
"""Largest file of one image, in bytes."""
_RGB_DIMENSIONS = 3

Mode = Literal["L", "RGB"]


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a PNG of ``(height, width)`` grey or ``(height, width, 3)`` RGB pixels.

    Raises
    ------
    ImageError
        The pixels have another shape or type, or are too many.
    """
    grey_or_rgb = pixels.ndim == 2 or pixels.shape[2:] == (3,)  # noqa: PLR2004 - rows, columns
    if pixels.dtype != np.uint8 or not grey_or_rgb or pixels.ndim > _RGB_DIMENSIONS:
        raise ImageError(
            f"pixels {pixels.shape} of {pixels.dtype}: an image set holds 8-bit grey or RGB"
        )
    require_size(pixels.shape[1], pixels.shape[0])
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format="PNG")
    return buffer.getvalue()


def read_png(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of an image set's file: ``(h, w)`` if grey, ``(h, w, 3)`` if RGB.

    Raises
    ------
    PublicFileError
        It is missing or too large.
    ImageError
        It is a link, no PNG, too many pixels, damaged, or neither 8-bit grey nor RGB.
    """
    if path.is_symlink():
        raise ImageError(f"{path.name} is a symbolic link: put the image itself there")
    return decode_png(read_public_file(path, MAX_IMAGE_BYTES), path.name)


def decode_png(content: bytes, name: str) -> NDArray[np.uint8]:
    """Return the pixels of a PNG's bytes; ``name`` is for messages."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
                require_size(*image.size)
                _require_plain(image, name)
                return np.asarray(image, dtype=np.uint8).copy()
        except ImageError:
            raise
        # a decoder of hostile bytes fails in more ways than it names
        except Exception as error:
            raise ImageError(f"{name} is no readable PNG ({error}): import it anew") from error


def require_size(width: int, height: int) -> None:
    """Refuse an image without pixels, or with more than may be unpacked.

    Raises
    ------
    ImageError
        It is empty or too large.
    """
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise ImageError(
            f"an image of {width} x {height} pixels: 1 to {MAX_SIDE} a side and {MAX_PIXELS} in "
            "all are taken; cut slides into tiles first"
        )


def _require_plain(image: Image.Image, name: str) -> None:
    if image.mode not in {"L", "RGB"} or "transparency" in image.info:
        raise ImageError(
            f"{name} has mode {image.mode}: an image set holds 8-bit grey (L) or RGB without "
            "transparency; import it with zkfl import"
        )
