"""Nothing of a patient leaves a DICOM file but pixels, a pseudonym and what was chosen."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, generate_uid

from zkfl.node.connectors.dicom_import import (
    DicomReader,
    import_dicom_folder,
    labels_of_file,
    labels_of_tag,
)
from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.connectors.importing import Outcome, Target
from zkfl.node.connectors.labels import parse_label_map
from zkfl.node.images.image_set import ImageSet, read_image_set

MakeDicom = Callable[..., Dataset]
Folder = Callable[..., Path]
SYNTAX = b"1.2.840.10008.1.2.1"
IDENTIFIERS = ("Mustermann", "Erika", "0047113", "1961", "20240204", "Dr. House")


def imported(folder: Path, reader: DicomReader, *, all_or_nothing: bool = False) -> Outcome:
    target = Target(folder.parent / "set", reader.all_columns, all_or_nothing)
    return import_dicom_folder(folder, reader, target)


def images_of(folder: Path) -> ImageSet:
    return read_image_set(folder.parent / "set", labelled=False)


def reasons(outcome: Outcome) -> list[str]:
    return [refusal.reason for refusal in outcome.refusals]


def talkative(make_dicom: MakeDicom) -> Dataset:
    """Return an image that names the patient wherever the standard lets it."""
    inner, outer = Dataset(), Dataset()
    inner.PatientID, inner.PersonName = "KIS-0047113", "Mustermann^Erika"
    outer.ReferencedImageSequence = Sequence([inner])
    dataset = make_dicom(
        PatientComments="Mustermann, room 4",
        ReferringPhysicianName="Dr. House",
        OtherPatientIDs="KIS-0047113",
        RequestAttributesSequence=Sequence([outer]),
        ImageComments="Erika",
    )
    private = dataset.private_block(0x0029, "Mustermann Erika Inc.", create=True)
    private.add_new(0x01, "PN", "Mustermann^Erika")
    nested = Dataset()
    nested.private_block(0x0031, "Dr. House", create=True).add_new(0x02, "LO", "KIS-0047113")
    private.add_new(0x02, "SQ", Sequence([nested]))
    return dataset


def test_no_identifier_is_in_what_is_written(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader
) -> None:
    folder = dicom_folder(talkative(make_dicom))
    imported(folder, reader)
    written = b"".join(path.read_bytes() for path in (folder.parent / "set").iterdir())
    names = "".join(path.name for path in (folder.parent / "set").iterdir())
    for identifier in IDENTIFIERS:
        assert identifier.encode() not in written
        assert identifier not in names


def test_every_attribute_is_in_the_report(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader
) -> None:
    report = imported(dicom_folder(talkative(make_dicom)), reader).report
    actions = {attribute.name: attribute.action for attribute in report.attributes}
    assert actions["PatientID"] == "pseudonymised"
    assert actions["PatientBirthDate"] == "generalised"
    assert actions["PatientSex"] == actions["PixelData"] == "kept"
    dropped = {name for name, action in actions.items() if action == "dropped"}
    sequence = "RequestAttributesSequence > ReferencedImageSequence"
    assert {
        "PatientName",
        "PatientComments",
        "ReferringPhysicianName",
        f"{sequence} > PatientID",
        f"{sequence} > PersonName",
        "(0029,1001) private",
        "(0029,1002) private > (0031,1002) private",
    } <= dropped


def test_subgroups_and_a_stable_pseudonym(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader
) -> None:
    reader.site = "north"
    second = make_dicom(np.zeros((8, 8), np.int16), PatientID="  KIS-0047113 ")
    other = make_dicom(np.ones((8, 8), np.int16) * 500, PatientID="KIS-2", PatientAge="093Y")
    folder = dicom_folder(make_dicom(), second, other)
    imported(folder, reader)
    images = images_of(folder)
    assert images.subgroup_columns == ("site", "age_band", "sex")
    assert images.rows[0].subgroups == {"site": "north", "age_band": "60-69", "sex": "F"}
    assert images.rows[2].subgroups["age_band"] == "90+"
    assert images.rows[0].patient == images.rows[1].patient != images.rows[2].patient


KEPT = ("modality", "body_part", "laterality", "view", "manufacturer")


@pytest.mark.parametrize(
    ("attributes", "kept"),
    [
        (
            {"BodyPartExamined": "BREAST", "ImageLaterality": "L", "ViewPosition": "MLO"},
            {"body_part": "BREAST", "laterality": "L", "view": "MLO"},
        ),
        ({"Modality": "MG"}, {"modality": "MG"}),
        ({"Manufacturer": "GE MEDICAL SYSTEMS"}, {"manufacturer": "GE"}),
        ({"Manufacturer": "Siemens Healthineers Mustermann 4711"}, {"manufacturer": "Siemens"}),
        ({"Manufacturer": "Carl Zeiss Meditec, Inc."}, {"manufacturer": "Zeiss"}),
        ({"Manufacturer": "Carl"}, {}),
        ({"Manufacturer": "Gemma M. of GE"}, {}),
        ({"BodyPartExamined": "MUSTERMANN"}, {}),
        ({"BodyPartExamined": "BREAST M"}, {}),
        ({"BodyPartExamined": ["BREAST", "MUSTER"]}, {}),
        ({"PatientName": "DOE, JOHN", "BodyPartExamined": "DOE"}, {}),
        ({"PatientName": "Meyer-Landrut^Lena", "ViewPosition": "LANDRUT"}, {}),
        ({"PatientName": "M\u00fcller^Anna", "BodyPartExamined": "MULLER"}, {}),
        ({"PatientName": "LI^NA", "BodyPartExamined": "LI NA", "Manufacturer": "Li Na"}, {}),
        ({"PatientID": "12345678", "ViewPosition": "1234567", "Manufacturer": "1234567"}, {}),
        ({"BodyPartExamined": "19610203", "Modality": "M61"}, {"modality": ""}),
        ({"Manufacturer": "of erika m."}, {}),
        ({"ViewPosition": "KIS-0047113"}, {}),
        ({"ImageLaterality": "X", "BodyPartExamined": "born 1961", "Manufacturer": "=cmd()"}, {}),
    ],
)
def test_facts_that_are_kept_are_words_of_a_list(
    make_dicom: MakeDicom,
    dicom_folder: Folder,
    reader: DicomReader,
    attributes: dict[str, str],
    kept: dict[str, str],
) -> None:
    reader.columns = KEPT
    folder = dicom_folder(make_dicom(**attributes))
    imported(folder, reader)
    expected = dict.fromkeys(KEPT, "") | {"modality": "CT"} | kept
    assert images_of(folder).rows[0].subgroups == expected


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned_in"),
        ({"RecognizableVisualFeatures": "YES"}, "burned_in"),
        ({"BurnedInAnnotation": None, "Modality": "US"}, "burned_in_unknown"),
        ({"BurnedInAnnotation": None, "Modality": None}, "burned_in_unknown"),
        ({"BurnedInAnnotation": None, "Modality": "SR", "PixelData": None}, "no_image"),
        ({"BurnedInAnnotation": None, "Modality": "SEG"}, "no_image"),
        ({"PatientID": None}, "no_patient"),
        ({"PatientID": " "}, "no_patient"),
        ({"PatientID": "a\\b"}, "no_patient"),
        ({"SOPInstanceUID": None}, "no_instance"),
    ],
)
def test_an_image_that_may_tell_who_it_is_of_or_cannot_is_refused(
    make_dicom: MakeDicom,
    dicom_folder: Folder,
    reader: DicomReader,
    attributes: dict[str, object],
    reason: str,
) -> None:
    other = make_dicom(np.zeros((8, 8), np.int16))
    outcome = imported(dicom_folder(make_dicom(**attributes), other), reader)
    assert reasons(outcome) == [reason]
    assert outcome.report.refused == {reason: 1}


@pytest.mark.parametrize("attributes", [{"BurnedInAnnotation": "YES"}, {"Rows": 9}])
def test_of_a_refused_file_nothing_is_counted_as_kept(
    make_dicom: MakeDicom,
    dicom_folder: Folder,
    reader: DicomReader,
    attributes: dict[str, object],
) -> None:
    other = make_dicom(np.zeros((8, 8), np.int16))
    report = imported(dicom_folder(make_dicom(**attributes), other), reader).report
    counts = {(each.name, each.action): each.times for each in report.attributes}
    assert (report.written, sum(report.refused.values())) == (1, 1)
    for name, action in (("PatientID", "pseudonymised"), ("PixelData", "kept")):
        assert (counts[name, action], counts[name, "dropped"]) == (1, 1)


def test_burned_in_annotations_are_taken_once_somebody_looked(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader
) -> None:
    reader.allow_burned_in = True
    assert not imported(dicom_folder(make_dicom(BurnedInAnnotation="YES")), reader).refusals


def test_an_instance_counts_once(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader
) -> None:
    uid = generate_uid()
    twice = make_dicom(np.zeros((8, 8), np.int16), SOPInstanceUID=uid)
    outcome = imported(dicom_folder(make_dicom(SOPInstanceUID=uid), twice), reader)
    assert reasons(outcome) == ["repeated_instance"]


def deflated(content: bytes) -> bytes:
    """Return a file whose data set is a bomb: 256 MB of zeros in 256 kB."""
    # the preamble, the length of the file's meta information, and as much of it
    head = content[: 144 + int.from_bytes(content[140:144], "little")]
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    zeros = b"\0" * (1 << 20)
    return head + b"".join(squeeze.compress(zeros) for _ in range(256)) + squeeze.flush()


def test_a_deflated_bomb_is_never_unpacked(
    make_dicom: MakeDicom,
    dicom_folder: Folder,
    reader: DicomReader,
    content_of: Callable[[Dataset], bytes],
) -> None:
    dataset = make_dicom()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    bomb = deflated(content_of(dataset))
    assert reasons(imported(dicom_folder(bomb, make_dicom()), reader)) == ["transfer_syntax"]


def nested(make_dicom: MakeDicom, depth: int) -> Dataset:
    dataset = make_dicom()
    inner = dataset
    for _ in range(depth):
        item = Dataset()
        inner.ReferencedImageSequence = Sequence([item])
        inner = item
    inner.PatientID = "KIS-0047113"
    return dataset


def test_sequences_without_end_are_refused(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader
) -> None:
    folder = dicom_folder(nested(make_dicom, 40), make_dicom(np.zeros((8, 8), np.int16)))
    assert reasons(imported(folder, reader)) == ["damaged"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content[:-20], "damaged"),
        (lambda content: content[:300], "no_instance"),
        (lambda _: b"", "no_dicom"),
        (lambda _: b"\x89PNG\r\n\x1a\n" * 40, "no_dicom"),
        (lambda content: content.replace(b"KIS-0047113", b"KIS\xff\xfe\x8047\x01"), "no_patient"),
        (lambda content: content.replace(SYNTAX, b"1.2.840.10008.9.9.9"), "transfer_syntax"),
    ],
    ids=["cut pixels", "cut head", "empty", "png", "no utf-8", "unknown syntax"],
)
def test_a_damaged_file_is_refused(  # noqa: PLR0913, PLR0917 - fixtures
    make_dicom: MakeDicom,
    dicom_folder: Folder,
    reader: DicomReader,
    content_of: Callable[[Dataset], bytes],
    change: Callable[[bytes], bytes],
    reason: str,
) -> None:
    other = make_dicom(np.zeros((8, 8), np.int16), PatientID="other")
    outcome = imported(dicom_folder(change(content_of(make_dicom())), other), reader)
    assert reasons(outcome) == [reason]
    assert outcome.report.written == 1


def test_labels_by_instance(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader, tmp_path: Path
) -> None:
    first, second = make_dicom(), make_dicom(np.zeros((8, 8), np.int16))
    labels = tmp_path / "labels.csv"
    labels.write_text(f"sop_instance_uid,label\n{first.SOPInstanceUID},1\n")
    reader.label = labels_of_file(labels, "sop_instance_uid")
    folder = dicom_folder(first, second)
    assert reasons(imported(folder, reader)) == ["no_label"]
    assert images_of(folder).rows[0].label == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("patient_id,label\na,1\na,0\n", "two labels"),
        ("patient_id,label\na,1.5\n", "no whole number"),
        ("patient_id,label\na,nan\n", "no whole number"),
        ("patient_id,label\na,256\n", "no whole number"),
        ("patient,label\na,1\n", "no column 'patient_id'"),
    ],
)
def test_a_table_that_is_none_of_labels(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ConnectorError, match=reason):
        labels_of_file(tmp_path / "labels.csv", "patient_id")


def test_labels_by_an_attribute(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader
) -> None:
    reader.label = labels_of_tag("BodyPartExamined", parse_label_map(["BREAST=1", "CHEST=0"]))
    unknown = make_dicom(np.zeros((8, 8), np.int16), BodyPartExamined="FOOT")
    folder = dicom_folder(make_dicom(BodyPartExamined="BREAST"), unknown)
    assert reasons(imported(folder, reader)) == ["no_label"]
    assert images_of(folder).rows[0].label == 1


def test_all_or_nothing(make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader) -> None:
    folder = dicom_folder(make_dicom(), b"no DICOM")
    with pytest.raises(ConnectorError, match="nothing is written"):
        imported(folder, reader, all_or_nothing=True)
    assert {path.name for path in folder.parent.iterdir()} == {"dicom"}


def test_nothing_is_written_when_all_are_refused(dicom_folder: Folder, reader: DicomReader) -> None:
    folder = dicom_folder(b"no DICOM", b"nor this")
    with pytest.raises(ConnectorError, match="all 2 images were refused"):
        imported(folder, reader)
    assert {path.name for path in folder.parent.iterdir()} == {"dicom"}


def test_the_report_holds_names_and_counts_only(
    make_dicom: MakeDicom, dicom_folder: Folder, reader: DicomReader
) -> None:
    folder = dicom_folder(talkative(make_dicom), b"no DICOM")
    imported(folder, reader)
    report = json.loads((folder.parent / "set" / "deidentification.json").read_text())
    assert set(report) == {
        *("format", "source", "seen", "written", "patients"),
        *("refused", "attributes"),
    }
    assert all(set(entry) == {"name", "action", "times"} for entry in report["attributes"])
    assert report["refused"] == {"no_dicom": 1}
