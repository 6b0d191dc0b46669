"""Image files become an image set by what they hold, not by what they are called."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.connectors.image_folder import (
    ClassFolders,
    import_class_folders,
    import_indexed,
    patient_pattern,
)
from zkfl.node.connectors.importing import Outcome, Target
from zkfl.node.connectors.labels import parse_label_map
from zkfl.node.connectors.pseudonyms import Pseudonyms
from zkfl.node.images.image_set import read_image_set

LABELS = parse_label_map(["benign=0", "malignant=1"])
GREY = np.arange(96, dtype=np.uint8).reshape(8, 12)


def save(path: Path, pixels: np.ndarray, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    save(folder / "benign" / "P1_a.png", GREY)
    save(folder / "benign" / "P1_b.tiff", GREY[::-1])
    save(folder / "malignant" / "P2_a.jpg", np.stack([GREY] * 3, axis=-1))
    return folder


@pytest.fixture
def take(scans: Path, pseudonyms: Pseudonyms) -> Callable[..., Outcome]:
    def run(pattern: str | None = r"^(P\d+)_", **target: bool) -> Outcome:
        how = ClassFolders(LABELS, patient_pattern(pattern) if pattern else None, "north")
        goal = Target(scans.parent / "set", ("site",), **target)
        return import_class_folders(scans, how, pseudonyms, goal)

    return run


def test_a_folder_for_each_class(scans: Path, take: Callable[..., Outcome]) -> None:
    assert not take().refusals
    images = read_image_set(scans.parent / "set")
    assert [row.label for row in images.rows] == [0, 0, 1]
    assert len({row.patient for row in images.rows}) == 2
    assert {row.subgroups["site"] for row in images.rows} == {"north"}
    assert np.array_equal(images.pixels(images.rows[1]), GREY[::-1])
    assert images.pixels(images.rows[2]).shape == (8, 12, 3)


def test_one_image_a_patient(scans: Path, take: Callable[..., Outcome]) -> None:
    take(None)
    assert len({row.patient for row in read_image_set(scans.parent / "set").rows}) == 3


def test_names_of_files_do_not_leave(scans: Path, take: Callable[..., Outcome]) -> None:
    take()
    written = (scans.parent / "set" / "index.csv").read_text()
    assert "P1" not in written
    assert "P2" not in written


def test_a_picture_is_turned_upright_and_its_exif_dropped(
    scans: Path, take: Callable[..., Outcome]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = "Erika Mustermann"
    save(scans / "malignant" / "P3_a.png", GREY, exif=exif)
    report = take().report
    images = read_image_set(scans.parent / "set")
    assert np.array_equal(images.pixels(images.rows[-1]), np.rot90(GREY, -1))
    assert {"EXIF Artist", "EXIF Orientation"} <= {a.name for a in report.attributes}
    written = b"".join(path.read_bytes() for path in (scans.parent / "set").iterdir())
    assert b"Mustermann" not in written


def test_sixteen_bits_become_eight(scans: Path, take: Callable[..., Outcome]) -> None:
    save(scans / "benign" / "P4_a.png", GREY.astype(np.uint16) * 40 + 7)
    take()
    images = read_image_set(scans.parent / "set")
    [deep] = [p for r in images.rows if (p := images.pixels(r)).max() == 255 and p.ndim == 2]
    assert deep.min() == 0


def with_alpha(alpha: int) -> np.ndarray:
    return np.dstack([GREY, GREY, GREY, np.full_like(GREY, alpha)])


def pages() -> bytes:
    buffer = io.BytesIO()
    first, second = Image.fromarray(GREY), Image.fromarray(GREY[::-1])
    first.save(buffer, format="TIFF", save_all=True, append_images=[second])
    return buffer.getvalue()


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("P9_a.png", b"", "no_image"),
        ("P9_a.png", b"GIF89a" + bytes(40), "no_image"),
        ("P9_a.png", b"%PDF-1.7", "no_image"),
        ("P9_a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_image"),
        ("P9_a.png", png(GREY + 3)[:-40], "no_image"),
        ("P9_a.png", png(with_alpha(7)), "transparency"),
        ("P9_a.tiff", pages(), "several_pages"),
        ("P1_c.png", png(GREY), "same_pixels"),
        ("holiday.png", png(GREY + 1), "no_patient"),
        ("P9_a.png", png(np.zeros((1, 8_193), np.uint8)), "no_image"),
    ],
    ids=["empty", "gif", "pdf", "svg", "cut", "alpha", "pages", "same", "no patient", "wide"],
)
def test_a_file_that_is_no_usable_image_is_refused(
    scans: Path, take: Callable[..., Outcome], name: str, content: bytes, reason: str
) -> None:
    (scans / "malignant" / name).write_bytes(content)
    outcome = take()
    assert [refusal.reason for refusal in outcome.refusals] == [reason]
    assert (outcome.report.seen, outcome.report.written) == (4, 3)


def test_a_link_to_a_file_elsewhere_is_not_followed(
    scans: Path, take: Callable[..., Outcome]
) -> None:
    save(scans.parent / "elsewhere" / "P8_a.png", GREY + 9)
    (scans / "benign" / "P8_a.png").symlink_to(scans.parent / "elsewhere" / "P8_a.png")
    (scans / "more").symlink_to(scans.parent / "elsewhere")
    assert take().report.seen == 3


def test_a_folder_that_is_no_class(scans: Path, take: Callable[..., Outcome]) -> None:
    save(scans / "unclear" / "P5_a.png", GREY + 5)
    with pytest.raises(ConnectorError, match="'unclear'"):
        take()


@pytest.mark.parametrize("pattern", ["(", "P1", "(a)(b)"])
def test_a_pattern_without_the_one_group(pattern: str) -> None:
    with pytest.raises(ConnectorError, match=r"regular expression|groups"):
        patient_pattern(pattern)


@pytest.mark.parametrize("pair", ["benign", "=1", "benign=-1", "benign=256", "benign=x"])
def test_a_label_that_is_no_number(pair: str) -> None:
    with pytest.raises(ConnectorError, match="label"):
        parse_label_map([pair])


def indexed(scans: Path, pseudonyms: Pseudonyms, text: str) -> Outcome:
    index = scans.parent / "index.csv"
    index.write_text(text)
    return import_indexed(scans, index, pseudonyms, Target(scans.parent / "set", ("sex",)))


def test_an_index_names_patient_and_label(scans: Path, pseudonyms: Pseudonyms) -> None:
    text = "image,patient,label,sex,name\nbenign/P1_a.png,17,2,F,Erika Mustermann\n"
    report = indexed(scans, pseudonyms, text).report
    [row] = read_image_set(scans.parent / "set").rows
    assert (row.patient, row.label) == (pseudonyms.of_patient("17"), 2)
    assert row.subgroups == {"sex": "F"}
    actions = {attribute.name: attribute.action for attribute in report.attributes}
    assert actions["column name"] == "dropped"
    assert actions["column patient"] == "pseudonymised"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("../elsewhere/x.png,17,1,F", "outside"),
        ("/etc/passwd,17,1,F", "outside"),
        ("out/x.png,17,1,F", "outside"),
        ("benign/P1_b\0.tiff,17,1,F", "outside"),
        ("benign/absent.png,17,1,F", "unreadable_file"),
        ("benign/P1_b.tiff,,1,F", "no_patient"),
        ("benign/P1_b.tiff,17,one,F", "bad_row"),
        ("benign/P1_b.tiff,17,nan,F", "bad_row"),
        ("benign/P1_b.tiff,17,1,=cmd()", "bad_row"),
    ],
)
def test_a_row_that_cannot_be_taken(
    scans: Path, pseudonyms: Pseudonyms, row: str, reason: str
) -> None:
    save(scans.parent / "elsewhere" / "x.png", GREY + 9)
    (scans / "out").symlink_to(scans.parent / "elsewhere")
    good = "benign/P1_a.png,17,1,F"
    outcome = indexed(scans, pseudonyms, f"image,patient,label,sex\n{good}\n{row}\n")
    assert [refusal.reason for refusal in outcome.refusals] == [reason]


def of_parquet(scans: Path, pseudonyms: Pseudonyms, **cells: object) -> Outcome:
    images = ["benign/P1_a.png", "benign/P1_b.tiff", "malignant/P2_a.jpg"]
    standard = {"image": images, "patient": ["17", "18", "19"], "label": [0, 0, 1]}
    path = scans.parent / "index.parquet"
    pd.DataFrame(standard | {"sex": ["F", "M", "F"]} | cells).to_parquet(path)
    return import_indexed(scans, path, pseudonyms, Target(scans.parent / "set", ("sex",)))


def test_numbers_of_an_index_in_parquet_are_identifiers_as_texts_are(
    scans: Path, pseudonyms: Pseudonyms
) -> None:
    assert not of_parquet(scans, pseudonyms, patient=[17, 18, 19]).refusals
    patients = [row.patient for row in read_image_set(scans.parent / "set").rows]
    assert patients == [pseudonyms.of_patient(number) for number in ("17", "18", "19")]


def test_a_missing_subgroup_of_an_index_in_parquet_is_empty(
    scans: Path, pseudonyms: Pseudonyms
) -> None:
    assert not of_parquet(scans, pseudonyms, sex=["F", None, "M"]).refusals
    groups = [row.subgroups["sex"] for row in read_image_set(scans.parent / "set").rows]
    assert groups == ["F", "", "M"]


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ({"patient": ["17", None, None]}, ["no_patient"] * 2),
        ({"label": ["0", None, "1"]}, ["bad_row"]),
        ({"image": ["benign/P1_a.png", None, "benign/P1_b.tiff"]}, ["unreadable_file"]),
    ],
)
def test_a_cell_of_parquet_that_names_nothing(
    scans: Path, pseudonyms: Pseudonyms, cells: dict[str, object], reasons: list[str]
) -> None:
    outcome = of_parquet(scans, pseudonyms, **cells)
    assert [refusal.reason for refusal in outcome.refusals] == reasons


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"patient": [17.0, 18.0, None]}, "patient's identifier is missing"),
        ({"patient": [True, False, True]}, "patient's identifier is missing"),
        ({"label": [0, None, 1]}, "no whole number"),
    ],
)
def test_a_column_of_parquet_of_another_kind(
    scans: Path, pseudonyms: Pseudonyms, cells: dict[str, object], reason: str
) -> None:
    with pytest.raises(ConnectorError, match=f"all 3 images were refused.*{reason}"):
        of_parquet(scans, pseudonyms, **cells)


def test_an_index_without_a_column(scans: Path, pseudonyms: Pseudonyms) -> None:
    with pytest.raises(ConnectorError, match="no column"):
        indexed(scans, pseudonyms, "image,label,sex\nbenign/P1_a.png,1,F\n")
