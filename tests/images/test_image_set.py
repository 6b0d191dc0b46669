"""An image set is read back as it was written, and refused once anything in it is not plain."""

import csv
import io
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from zkfl.folders import FolderError
from zkfl.node.deidentification import Tally, read_report
from zkfl.node.images.errors import ImageError, ImageSetError
from zkfl.node.images.image_set import INDEX, REPORT, ImageSet, read_image_set
from zkfl.node.images.png import MAX_SIDE, encode_png, read_png
from zkfl.node.images.writer import RepeatedPixelsError, new_image_set

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)
RGB = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with new_image_set(tmp_path / "set", ["site", "sex"]) as writer:
        writer.add(GREY, "p1", 0, {"site": "north", "sex": "F"})
        writer.add(RGB, "p2", 1, {"site": "north"})
        tally = Tally("images", seen=2)
        tally.met("EXIF Make", "dropped")
        writer.finish(tally.report(writer.images, writer.patients))
    return tmp_path / "set"


def rows_of(folder: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO((folder / INDEX).read_text())))


def rewrite(folder: Path, change: Callable[[list[list[str]]], object]) -> None:
    rows = rows_of(folder)
    change(rows)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (folder / INDEX).write_text(text.getvalue())


def grow(rows: list[list[str]], name: str) -> None:
    for number, row in enumerate(rows):
        row.append("x" if number else name)


def test_what_was_written_is_read(folder: Path) -> None:
    images = read_image_set(folder)
    assert images.subgroup_columns == ("site", "sex")
    assert [(row.patient, row.label) for row in images.rows] == [("p1", 0), ("p2", 1)]
    assert images.rows[1].subgroups == {"site": "north", "sex": ""}
    assert np.array_equal(images.pixels(images.rows[0]), GREY)
    assert np.array_equal(images.pixels(images.rows[1]), RGB)


def test_the_report_lies_beside_it(folder: Path) -> None:
    report = read_report(folder / REPORT)
    assert (report.seen, report.written, report.patients) == (2, 2, 2)
    text = report.to_text(folder / REPORT)
    assert f"dropped (1): named in {folder / REPORT}" in text
    assert "EXIF Make" not in text
    assert "EXIF Make" in {attribute.name for attribute in report.attributes}


def test_nobody_else_reads_it(folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


@pytest.mark.parametrize(
    ("row", "column", "cell", "reason"),
    [
        (1, 0, "../secret.png", "a file name such as"),
        (1, 0, "/etc/passwd", "a file name such as"),
        (1, 0, "sub/0001.png", "a file name such as"),
        (1, 0, ".hidden.png", "a file name such as"),
        (1, 0, "absent.png", "which is no file in"),
        (1, 1, "", "a pseudonym such as"),
        (1, 1, "Doe, Jane", "a pseudonym such as"),
        (1, 2, "", "a whole number"),
        (1, 2, "nan", "a whole number"),
        (1, 2, "-1", "a whole number"),
        (1, 2, "256", "above 255"),
        (1, 3, "=cmd()", "a short plain word"),
        (0, 0, "file", "begins with the columns"),
        (0, 3, "Site Name", "small letters"),
    ],
)
def test_a_cell_that_is_not_plain_is_refused(
    folder: Path, row: int, column: int, cell: str, reason: str
) -> None:
    rewrite(folder, lambda rows: rows[row].__setitem__(column, cell))
    with pytest.raises(ImageSetError, match=reason):
        read_image_set(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows.append(rows[1]), "twice"),
        (lambda rows: rows.__delitem__(slice(1, None)), "names no image"),
        (lambda rows: rows[1].append("more"), "cells, the header has"),
        (lambda rows: grow(rows, "site"), "names column 'site' twice"),
    ],
)
def test_an_index_that_is_no_table_of_images_is_refused(
    folder: Path, change: Callable[[list[list[str]]], object], reason: str
) -> None:
    rewrite(folder, change)
    with pytest.raises(ImageSetError, match=reason):
        read_image_set(folder)


def test_an_index_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / INDEX).write_bytes((folder / INDEX).read_bytes() + b"\xff\xfe")
    with pytest.raises(ImageSetError, match="not UTF-8"):
        read_image_set(folder)


def test_a_set_to_be_scored_needs_no_labels(folder: Path) -> None:
    rewrite(folder, lambda rows: rows[1].__setitem__(2, ""))
    assert read_image_set(folder, labelled=False).rows[0].label is None


def replaced(folder: Path, content: bytes) -> ImageSet:
    images = read_image_set(folder)
    (folder / images.rows[0].image).write_bytes(content)
    return images


def png(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", **options)
    return buffer.getvalue()


def text_bomb() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "0" * (64 << 20), zip=True)
    return png(Image.fromarray(GREY), pnginfo=info)


def huge_header() -> bytes:
    """A PNG whose header promises 60,000 x 60,000 pixels."""
    content = bytearray(encode_png(GREY))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no readable PNG"),
        (b"\x89PNG\r\n\x1a\n", "no readable PNG"),
        (encode_png(RGB)[:-30], "no readable PNG"),
        (b"\xff\xd8\xff\xe0 a JPEG", "no readable PNG"),
        (png(Image.fromarray(GREY).convert("P")), "has mode P"),
        (png(Image.fromarray(RGB).convert("RGBA")), "has mode RGBA"),
        (png(Image.fromarray(GREY.astype(np.uint16))), "has mode I;16"),
        (png(Image.fromarray(GREY), transparency=3), "has mode L"),
        (huge_header(), "exceeds limit of"),
    ],
    ids=["empty", "header", "cut", "jpeg", "palette", "alpha", "16-bit", "transparent", "huge"],
)
def test_a_file_that_is_no_plain_png_is_refused(folder: Path, content: bytes, reason: str) -> None:
    images = replaced(folder, content)
    with pytest.raises(ImageError, match=reason):
        images.pixels(images.rows[0])


def test_a_compressed_text_beside_the_pixels_is_not_unpacked(folder: Path) -> None:
    images = replaced(folder, text_bomb())
    with pytest.raises(ImageError, match="no readable PNG"):
        images.pixels(images.rows[0])


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    images = read_image_set(folder)
    path = folder / images.rows[0].image
    path.rename(tmp_path / "elsewhere.png")
    path.symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(ImageError, match="symbolic link"):
        read_png(path)
    with pytest.raises(ImageSetError, match="no file in"):
        read_image_set(folder)


def test_the_same_pixels_twice_are_refused(tmp_path: Path) -> None:
    with new_image_set(tmp_path / "set", []) as writer:
        writer.add(GREY, "p1", 0, {})
        with pytest.raises(RepeatedPixelsError, match="another patient"):
            writer.add(GREY.copy(), "p2", 1, {})
        writer.finish(Tally("images").report(1, 1))


@pytest.mark.parametrize(
    "pixels",
    [
        GREY.astype(np.float32),
        GREY[None, :, :, None],
        np.zeros((0, 4), np.uint8),
        np.zeros((1, MAX_SIDE + 1), np.uint8),
    ],
)
def test_what_is_no_8_bit_image_is_not_written(tmp_path: Path, pixels: np.ndarray) -> None:
    with new_image_set(tmp_path / "set", []) as writer:
        with pytest.raises(ImageError):
            writer.add(pixels, "p1", 0, {})
        writer.add(GREY, "p1", 0, {})
        writer.finish(Tally("images").report(1, 1))


def test_an_import_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fails() -> None:
        with new_image_set(tmp_path / "set", []) as writer:
            writer.add(GREY, "p1", 0, {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_import_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ImageSetError, match="no image"), new_image_set(tmp_path / "set", []) as new:
        new.finish(Tally("images").report(0, 0))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_not_written_over(folder: Path) -> None:
    with pytest.raises(FolderError, match="there already"), new_image_set(folder, []):
        pass


def test_a_set_that_was_not_finished_does_not_appear(tmp_path: Path) -> None:
    with pytest.raises(ImageSetError, match="not finished"), new_image_set(tmp_path / "a", []):
        pass
    assert list(tmp_path.iterdir()) == []
