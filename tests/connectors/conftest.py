"""DICOM files made here, with a patient in every corner, and the images that lie in packages."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from zkfl.node.connectors.dicom_import import DicomReader, no_label
from zkfl.node.connectors.dicom_pixels import parse_window
from zkfl.node.connectors.pseudonyms import Pseudonyms
from zkfl.node.deidentification import Tally
from zkfl.node.records.schema import RecordSchema, parse_schema

NAME = "Mustermann^Erika"
NUMBER = "KIS-0047113"
MakeDicom = Callable[..., Dataset]


def _plain_dicom(pixels: np.ndarray | None = None, **attributes: object) -> Dataset:
    """Return a CT image of a patient; attributes replace, None removes."""
    values = np.arange(64, dtype=np.int16).reshape(8, 8) * 16 if pixels is None else pixels
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    standard: dict[str, object] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": generate_uid(),
        "PatientName": NAME,
        "PatientID": NUMBER,
        "PatientBirthDate": "19610203",
        "StudyDate": "20240204",
        "PatientSex": "F",
        "Modality": "CT",
        "BurnedInAnnotation": "NO",
        "Rows": values.shape[-2],
        "Columns": values.shape[-1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": values.dtype.itemsize * 8,
        "BitsStored": values.dtype.itemsize * 8,
        "HighBit": values.dtype.itemsize * 8 - 1,
        "PixelRepresentation": int(values.dtype.kind == "i"),
        "RescaleSlope": "2",
        "RescaleIntercept": "-1024",
        "WindowCenter": "40",
        "WindowWidth": "400",
        "PixelData": values.tobytes(),
    }
    for keyword, value in (standard | attributes).items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2")
    return dataset


def _content_of(dataset: Dataset) -> bytes:
    """Return the bytes of its file."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


@pytest.fixture
def make_dicom() -> MakeDicom:
    return _plain_dicom


@pytest.fixture
def content_of() -> Callable[[Dataset], bytes]:
    return _content_of


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(bytes(range(32)))


@pytest.fixture
def dicom_folder(tmp_path: Path) -> Callable[..., Path]:
    """Return what writes data sets, or bytes, as files of a folder."""

    def write(*files: Dataset | bytes) -> Path:
        folder = tmp_path / "dicom"
        folder.mkdir()
        for number, file in enumerate(files):
            content = file if isinstance(file, bytes) else _content_of(file)
            (folder / f"IM{number:04d}").write_bytes(content)
        return folder

    return write


@pytest.fixture
def reader(pseudonyms: Pseudonyms) -> DicomReader:
    columns = ("age_band", "sex")
    return DicomReader(pseudonyms, no_label, parse_window("file"), columns, Tally("dicom"))


@pytest.fixture
def schema() -> RecordSchema:
    """Return a schema of one measurement and the label."""
    size = {"kind": "numeric", "name": "size", "unit": "mm", "meaning": "size"}
    limits = {"min": 0, "max": 100, "centre": 50, "scale": 10, "missing": "reject"}
    label = {"name": "ill", "positive": "ill", "negative": "well"}
    about = dict.fromkeys(("description", "source", "constants_source"), "made for tests")
    sizes = {"version": 1, "min_rows": 2, "max_rows": 50, "extra_columns": "reject"}
    parts = {"name": "small", "label": label, "columns": [size | limits]}
    return parse_schema(json.dumps(about | sizes | parts))


@pytest.fixture(autouse=True)
def nothing_said(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """No test of a connector may leave a patient's data on a screen or in a log."""
    caplog.set_level(logging.DEBUG)
    yield
    said = "".join([*capfd.readouterr(), caplog.text])
    assert NUMBER not in said
    assert "Mustermann" not in said
