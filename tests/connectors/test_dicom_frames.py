"""Compressed frames that unpack to more than the file says are refused before they are unpacked."""

import io
import itertools
import struct
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from zkfl.node.connectors import dicom_pixels
from zkfl.node.connectors.dicom_pixels import frames_of, parse_window
from zkfl.node.connectors.errors import RefusedFileError

MakeDicom = Callable[..., Dataset]
PIXELS = np.arange(256, dtype=np.uint8).reshape(16, 16)


def picture(kind: str, pixels: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def stream(pixels: np.ndarray) -> bytes:
    return picture("JPEG2000", pixels, no_jp2=True)


def runs(*segments: bytes) -> bytes:
    """Return a frame of run lengths."""
    starts = [64 + sum(map(len, segments[:n])) for n in range(len(segments))]
    head = struct.pack("<16L", len(segments), *starts, *[0] * (15 - len(segments)))
    return head + b"".join(segments)


def compressed(make_dicom: MakeDicom, syntax: UID, *frames: bytes, **facts: object) -> Dataset:
    """Return an image of 16 x 16 that holds such frames."""
    content = encapsulate(list(frames))
    grey = {"RescaleSlope": "1", "RescaleIntercept": "0", "WindowCenter": "128"}
    dataset = make_dicom(
        PIXELS, **grey, WindowWidth="256", PixelData=content, NumberOfFrames=len(frames), **facts
    )
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset["PixelData"].is_undefined_length = True
    return dataset


def frames(dataset: Dataset) -> list[np.ndarray]:
    return list(frames_of(dataset, parse_window("file")))


def refusal(dataset: Dataset) -> RefusedFileError:
    with pytest.raises(RefusedFileError) as refused:
        frames(dataset)
    return refused.value


@pytest.fixture
def no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where pixels are decoded: what is refused has to be refused before."""

    def decode(*_: object, **__: object) -> None:
        pytest.fail("the frame was decoded")

    monkeypatch.setattr(dicom_pixels, "pixel_array", decode)


LITERAL = b"\x7f" + PIXELS.tobytes()[:128] + b"\x7f" + PIXELS.tobytes()[128:]


@pytest.mark.parametrize(
    ("syntax", "frame"),
    [
        (JPEG2000Lossless, stream(PIXELS)),
        (RLELossless, runs(LITERAL)),
        (RLELossless, runs(LITERAL + b"\x80\x00")),
        (RLELossless, runs(LITERAL + b"\x81\x07" * 8)),
    ],
    ids=["jpeg 2000", "rle", "rle with an end", "rle with padding"],
)
def test_frames_of_the_stated_size_are_decoded(
    make_dicom: MakeDicom, syntax: UID, frame: bytes
) -> None:
    decoded = frames(compressed(make_dicom, syntax, frame, frame))
    assert [np.array_equal(each, PIXELS) for each in decoded] == [True, True]


def test_a_jpeg_of_the_stated_size_is_decoded(make_dicom: MakeDicom) -> None:
    [decoded] = frames(compressed(make_dicom, JPEGBaseline8Bit, picture("JPEG", PIXELS)))
    assert np.abs(decoded.astype(int) - PIXELS).max() < 32


@pytest.mark.parametrize("name", ["SC_rgb_jpeg_dcmtk.dcm", "examples_jpeg2k.dcm", "SC_rgb_rle.dcm"])
def test_colour_is_decoded(name: str) -> None:
    [frame] = frames(dcmread(get_testdata_file(name, download=False)))
    assert frame.shape[2] == 3


WIDE = np.zeros((16, 400), np.uint8)
HUGE = np.zeros((2000, 2000), np.uint8)


@pytest.mark.usefixtures("no_decoder")
@pytest.mark.parametrize(
    ("syntax", "frame", "message"),
    [
        (JPEGBaseline8Bit, picture("JPEG", WIDE), "another size"),
        (JPEGBaseline8Bit, picture("JPEG", HUGE), "another size"),
        (JPEGBaseline8Bit, stream(HUGE), "another size"),
        (JPEGBaseline8Bit, picture("JPEG", np.zeros((16, 16, 3), np.uint8)), "another size"),
        (JPEG2000Lossless, stream(WIDE), "another size"),
        (JPEG2000Lossless, stream(HUGE), "another size"),
        (JPEG2000Lossless, picture("JPEG", HUGE), "another size"),
        (JPEG2000Lossless, stream(np.zeros((16, 16, 4), np.uint8)), "another size"),
        (JPEG2000Lossless, picture("JPEG2000", PIXELS), "a JP2 file"),
        (JPEG2000Lossless, b"no picture", "do not decode"),
        (JPEG2000Lossless, stream(PIXELS)[:20], "do not decode"),
        (RLELossless, runs(b"\x81\x07" * 11), "unpack to more"),
        (RLELossless, runs(LITERAL, b"\x81\x07" * 11), "unpack to more"),
        (RLELossless, runs(LITERAL * 6), "unpack to more"),
        (RLELossless, struct.pack("<L", 16) + bytes(60), "16 segments"),
        (RLELossless, bytes(10), "do not decode"),
    ],
    ids=map(str, itertools.count()),
)
def test_a_frame_of_another_size_is_refused_before_it_is_decoded(
    make_dicom: MakeDicom, syntax: UID, frame: bytes, message: str
) -> None:
    assert message in str(refusal(compressed(make_dicom, syntax, frame)))


def test_a_later_frame_is_looked_at_too(make_dicom: MakeDicom) -> None:
    dataset = compressed(make_dicom, JPEG2000Lossless, stream(PIXELS), stream(HUGE))
    assert "another size" in str(refusal(dataset))


def test_the_frame_of_an_offset_table_is_looked_at(make_dicom: MakeDicom) -> None:
    small, huge = stream(PIXELS), stream(HUGE)
    dataset = compressed(make_dicom, JPEG2000Lossless, small, huge)
    dataset.NumberOfFrames = 1
    behind = 8 + len(small) + len(small) % 2
    dataset.ExtendedOffsetTable = struct.pack("<Q", behind)
    dataset.ExtendedOffsetTableLengths = struct.pack("<Q", len(huge))
    assert "another size" in str(refusal(dataset))
    dataset.ExtendedOffsetTableLengths = struct.pack("<QQ", len(huge), 0)
    assert "contradicts itself" in str(refusal(dataset))


def test_run_lengths_are_added_up_in_little_memory(make_dicom: MakeDicom) -> None:
    dataset = compressed(make_dicom, RLELossless, runs(b"\x81\x07" * (1 << 19)))
    tracemalloc.start()
    assert refusal(dataset).reason == "too_large"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # the megabyte itself is copied a few times; unpacked it has 64
    assert peak < 16 << 20


@pytest.mark.parametrize("name", ["Red", "Alpha"])
def test_a_palette_in_segments_is_refused(name: str) -> None:
    dataset = dcmread(get_testdata_file("examples_palette.dcm", download=False))
    setattr(dataset, f"Segmented{name}PaletteColorLookupTableData", b"\x00\x00")
    assert refusal(dataset).reason == "pixel_type"
