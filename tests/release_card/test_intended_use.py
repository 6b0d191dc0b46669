"""Words on the intended use are foreign text: what does not show is refused."""

from pathlib import Path

import pytest

from zkfl.release_card.errors import IntendedUseError
from zkfl.release_card.intended_use import FILE_NAME, intended_use


def test_without_a_word_it_is_for_research_and_no_medical_device(
    tmp_path: Path,
) -> None:
    said = intended_use(tmp_path, None)
    assert said.given is False
    assert "Research only" in said.text
    assert "no medical device" in said.text


def test_a_named_file_counts_before_the_folders(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("From the folder.\n")
    assert intended_use(tmp_path, None) == ("From the folder.", True)
    named = tmp_path / "other.txt"
    named.write_text("Second reading of scans.  \r\n\r\nNot for children: ü, 乳.\n")
    assert intended_use(tmp_path, named) == (
        "Second reading of scans.\n\nNot for children: ü, 乳.",
        True,
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"\xff\xfe", "no UTF-8"),
        (b"a" * 8_193, "larger than 8192 bytes"),
        (b"fine\nred \x1b[31m", r"line 2 holds the character U\+001B"),
        ("left \u202eright".encode(), r"line 1 holds the character U\+202E"),
        (b"tab\there", r"U\+0009"),
        ("zero\u200bwidth".encode(), r"U\+200B"),
        ("line\u2028end".encode(), r"U\+2028"),
    ],
)
def test_a_text_that_nobody_could_read_as_it_is(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "use.txt"
    path.write_bytes(content)
    with pytest.raises(IntendedUseError, match=message):
        intended_use(tmp_path, path)


def test_a_named_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(IntendedUseError, match="cannot be read"):
        intended_use(tmp_path, tmp_path / "none.txt")
