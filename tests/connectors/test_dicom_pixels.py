"""Stored values become the pixels that the standard's transforms make of them."""

from collections.abc import Callable

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from zkfl.node.connectors.dicom_pixels import frames_of, parse_window
from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.images.errors import ImageError

MakeDicom = Callable[..., Dataset]
STORED = np.array([[0, 412, 432, 452], [502, 532, 612, 2000]], dtype=np.int16)
"""With slope 2 and intercept -1024: -1024, -200, -160, -120, -20, 40, 200, 2976."""


def one(dataset: Dataset, window: str = "file") -> np.ndarray:
    [frame] = frames_of(dataset, parse_window(window))
    return frame


def test_rescaling_and_the_files_window(make_dicom: MakeDicom) -> None:
    rescaled = STORED * 2.0 - 1024
    expected = np.clip((rescaled - 39.5) / 399 + 0.5, 0, 1) * 255
    assert np.array_equal(one(make_dicom(STORED)), np.rint(expected))


def test_a_given_window_goes_before_the_files(make_dicom: MakeDicom) -> None:
    assert np.array_equal(
        one(make_dicom(STORED, WindowCenter="900"), "40,400"), one(make_dicom(STORED))
    )


def test_percentiles_use_the_whole_range(make_dicom: MakeDicom) -> None:
    pixels = one(make_dicom(STORED, WindowCenter=None), "percentile")
    assert (pixels.min(), pixels.max()) == (0, 255)


def test_monochrome1_is_turned_round(make_dicom: MakeDicom) -> None:
    inverted = one(make_dicom(STORED, PhotometricInterpretation="MONOCHROME1"))
    assert np.abs(255 - inverted.astype(int) - one(make_dicom(STORED))).max() <= 1


@pytest.mark.parametrize("value", [-2000, 65536 - 2000])
@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_dark_and_counts_in_no_percentile(
    make_dicom: MakeDicom, value: int, kind: str
) -> None:
    padded = STORED.copy()
    padded[0, 0] = -2000
    dataset = make_dicom(padded, PhotometricInterpretation=kind)
    dataset.add_new(0x00280120, "US" if value > 0 else "SS", value)
    pixels = one(dataset, "percentile")
    assert pixels[0, 0] == 0
    assert len(np.unique(pixels)) > 4


def test_a_range_of_padding(make_dicom: MakeDicom) -> None:
    dataset = make_dicom(STORED)
    dataset.add_new(0x00280120, "SS", 600)
    dataset.add_new(0x00280121, "SS", 2000)
    assert one(dataset)[1, 2:].tolist() == [0, 0]


def test_negative_values_are_negative(make_dicom: MakeDicom) -> None:
    pixels = one(
        make_dicom(np.array([[-100, 40, 100]], np.int16), RescaleSlope="1", RescaleIntercept="0")
    )
    assert pixels[0, 0] < pixels[0, 1] < pixels[0, 2]


def test_several_frames_have_their_own_windows(make_dicom: MakeDicom) -> None:
    frames = np.stack([STORED, STORED])
    dataset = make_dicom(
        frames,
        NumberOfFrames=2,
        WindowCenter=None,
        WindowWidth=None,
        RescaleSlope=None,
        RescaleIntercept=None,
    )
    shared, groups = Dataset(), []
    transformation = Dataset()
    transformation.RescaleSlope, transformation.RescaleIntercept = "2", "-1024"
    shared.PixelValueTransformationSequence = Sequence([transformation])
    for centre in ("40", "600"):
        window, group = Dataset(), Dataset()
        window.WindowCenter, window.WindowWidth = centre, "400"
        group.FrameVOILUTSequence = Sequence([window])
        groups.append(group)
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
    first, second = frames_of(dataset, parse_window("file"))
    assert np.array_equal(first, one(make_dicom(STORED)))
    assert np.array_equal(second, one(make_dicom(STORED, WindowCenter="600")))


@pytest.mark.parametrize("function", ["LINEAR_EXACT", "SIGMOID"])
def test_other_window_functions(make_dicom: MakeDicom, function: str) -> None:
    pixels = one(make_dicom(STORED, VOILUTFunction=function))
    assert abs(int(pixels[1, 1]) - 127) <= 1
    assert (np.diff(pixels.ravel().astype(int)) >= 0).all()


def test_a_table_of_values_of_interest(make_dicom: MakeDicom) -> None:
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [4, 0, 8], [0, 85, 170, 255]
    dataset = make_dicom(
        np.array([[0, 1, 2, 3]], np.uint16),
        RescaleSlope="1",
        RescaleIntercept="0",
        WindowCenter=None,
        WindowWidth=None,
    )
    dataset.VOILUTSequence = Sequence([table])
    dataset["VOILUTSequence"][0]["LUTDescriptor"].VR = "US"
    dataset["VOILUTSequence"][0]["LUTData"].VR = "US"
    assert one(dataset).tolist() == [[0, 85, 170, 255]]


def test_rgb_stays_as_it_is(make_dicom: MakeDicom) -> None:
    colours = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    dataset = make_dicom(
        colours,
        Rows=4,
        Columns=4,
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        PhotometricInterpretation="RGB",
    )
    assert np.array_equal(one(dataset), colours)


@pytest.mark.parametrize(
    "name", ["examples_palette.dcm", "SC_rgb_dcmtk_+eb+cy+s2.dcm", "examples_ybr_color.dcm"]
)
def test_palettes_and_ybr_become_rgb(name: str) -> None:
    frame = next(
        iter(frames_of(dcmread(get_testdata_file(name, download=False)), parse_window("file")))
    )
    assert frame.shape[2] == 3
    assert len(np.unique(frame)) > 10


@pytest.mark.parametrize(
    "name",
    ["MR_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_jp2klossless.dcm"],
)
def test_lossless_transfer_syntaxes_hold_the_same_pixels(name: str) -> None:
    plain, other = (
        dcmread(get_testdata_file(each, download=False)) for each in ("MR_small.dcm", name)
    )
    assert np.array_equal(one(plain, "percentile"), one(other, "percentile"))


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"WindowCenter": None}, "no_window"),
        ({"WindowWidth": "0"}, "no_window"),
        ({"WindowWidth": "0.5"}, "no_window"),
        ({"VOILUTFunction": "MAGIC"}, "no_window"),
        ({"RescaleSlope": "NaN"}, "no_values"),
        ({"RescaleIntercept": "inf"}, "no_values"),
        ({"PixelData": None}, "no_image"),
        ({"Modality": "SEG"}, "no_image"),
        ({"Modality": "RTDOSE"}, "no_image"),
        ({"NumberOfFrames": 4097}, "too_large"),
        ({"NumberOfFrames": -1}, "too_large"),
        ({"BitsAllocated": 32}, "pixel_type"),
        ({"PhotometricInterpretation": "HSV"}, "pixel_type"),
        ({"PhotometricInterpretation": None}, "damaged"),
        ({"Rows": None}, "damaged"),
        ({"Rows": 9}, "damaged"),
        ({"PixelRepresentation": None}, "damaged"),
    ],
)
def test_what_is_no_readable_image_is_refused(
    make_dicom: MakeDicom, attributes: dict[str, object], reason: str
) -> None:
    with pytest.raises(RefusedFileError) as refused:
        one(make_dicom(**attributes))
    assert refused.value.reason == reason


@pytest.mark.parametrize(("rows", "columns"), [(60_000, 60_000), (0, 8), (8, 9_000)])
def test_a_promise_of_many_pixels_is_refused_before_they_are_decoded(
    make_dicom: MakeDicom, rows: int, columns: int
) -> None:
    with pytest.raises(ImageError, match="a side and"):
        one(make_dicom(Rows=rows, Columns=columns))


def test_frames_beyond_memory_are_refused(make_dicom: MakeDicom) -> None:
    with pytest.raises(RefusedFileError) as refused:
        one(make_dicom(Rows=5_000, Columns=5_000, NumberOfFrames=100))
    assert refused.value.reason == "too_large"


@pytest.mark.parametrize("text", ["", "40", "40,0", "40,-3", "nan,1", "1e3,2", "40,400,1"])
def test_a_window_that_is_none(text: str) -> None:
    with pytest.raises(ConnectorError, match="write file, percentile"):
        parse_window(text)
