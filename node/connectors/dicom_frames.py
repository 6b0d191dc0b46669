"""Compressed frames of DICOM, looked at before they are decoded: none unpacks to more than it says.

A decoder makes what a compressed frame says, and only afterwards is that compared with the rows and
columns of the data set: a kilobyte can fill the memory. So the frame's own size is read first.
"""

import io
import struct
from itertools import pairwise

from PIL import Image
from pydicom import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.utils import as_pixel_options
from pydicom.uid import RLELossless

from zkfl.node.connectors.errors import RefusedFileError

_RLE_HEADER = struct.Struct("<16L")
_RLE_SEGMENTS = 15
_REPEAT = 128
"""Header bytes of runs above it repeat a byte, those below it precede bytes as they are."""
# some writers fill a segment up
_RLE_PADDING = 1 << 10
# the JP2 boxes of files, which DICOM forbids, have a second size that decoders may believe
_JPEG_2000_STREAM = b"\xff\x4f\xff\x51"


def require_frame_of_its_size(dataset: Dataset, index: int) -> None:
    """Refuse a compressed frame that unpacks to another size than its data set says.

    Raises
    ------
    RefusedFileError
        It does.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_compressed:
        return
    frame = _encoded(dataset, index)
    if syntax == RLELossless:
        _require_run_lengths(frame, int(dataset.Rows) * int(dataset.Columns))
    else:
        _require_picture(frame, dataset)


def _encoded(dataset: Dataset, index: int) -> bytes:
    """Return the bytes that pydicom is going to decode, found as it finds them."""
    options = as_pixel_options(dataset)
    offsets = options.get("extended_offsets")
    # pydicom would look elsewhere then
    if offsets and len(offsets[0]) != len(offsets[1]):
        raise RefusedFileError("damaged", "its table of frames contradicts itself")
    count = options["number_of_frames"]
    return get_frame(dataset.PixelData, index, number_of_frames=count, extended_offsets=offsets)


def _require_picture(frame: bytes, dataset: Dataset) -> None:
    """Compare the size in the head of a JPEG or JPEG 2000 stream; no pixel is decoded."""
    with Image.open(io.BytesIO(frame), formats=("JPEG", "JPEG2000")) as picture:
        kind, found = picture.format, (*picture.size, len(picture.getbands()))
    if kind == "JPEG2000" and not frame.startswith(_JPEG_2000_STREAM):
        raise RefusedFileError("damaged", "its pixels are a JP2 file where DICOM has a bare stream")
    if found != (dataset.Columns, dataset.Rows, dataset.SamplesPerPixel):
        raise RefusedFileError("damaged", "its compressed pixels have another size than it says")


def _require_run_lengths(frame: bytes, pixels: int) -> None:
    """Add up the runs of each segment: every one of them has a byte a pixel."""
    count, *starts = _RLE_HEADER.unpack(frame[: _RLE_HEADER.size])
    if count > _RLE_SEGMENTS:
        raise RefusedFileError("damaged", f"it has {count} segments of run lengths")
    most = pixels + _RLE_PADDING
    for start, end in pairwise([*starts[:count], len(frame)]):
        if _unpacked_size(frame[start:end], most) > most:
            raise RefusedFileError("too_large", "its run lengths unpack to more pixels than it has")


def _unpacked_size(segment: bytes, most: int) -> int:
    """Return how many bytes a segment unpacks to, or some number above the most."""
    size = position = 0
    while position < len(segment) and size <= most:
        head = segment[position]
        if head > _REPEAT:
            size += 2 * _REPEAT + 1 - head
            position += 2
        elif head < _REPEAT:
            size += min(head + 1, len(segment) - position - 1)
            position += head + 2
        else:
            position += 1
    return size
