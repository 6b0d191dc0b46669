"""``consortium.json``: what is written is read, and nothing else is."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from zkfl.consortium import Consortium, ConsortiumFileError

HOSPITALS = ("north", "south", "west-2")
GOOD = Consortium(name="Ours", dataset="wdbc", circuits="wdbc", hospitals=HOSPITALS)


def written(folder: Path, **changes: object) -> Path:
    path = folder / "consortium.json"
    path.write_text(json.dumps(json.loads(GOOD.to_json()) | changes))
    return path


def test_a_consortium_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "consortium.json").write_bytes(GOOD.to_json())
    assert Consortium.load(tmp_path / "consortium.json") == GOOD


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("format", "zkfl.consortium.v2"),
        ("name", ""),
        ("name", "n" * 65),
        ("dataset", "../wdbc"),
        ("circuits", "WDBC"),
        ("scheme", "paillier"),
        ("weight_rule", "mine"),
        ("cap_share", 0),
        ("cap_share", 65_537),
        ("quorum_bps", 5_000),
        ("quorum_bps", 10_001),
        ("noise_bound", -1),
        ("noise_bound", 0),
        ("noise_bound", (1 << 23) - 1),
        ("submission_window", 0),
        ("publication_window", -5),
        ("acknowledgement_window", 1.5),
        ("challenge_window", -1),
        ("challenge_window", 2_592_001),
        ("hospitals", ["north", "south"]),
        ("hospitals", [f"h{i}" for i in range(65)]),
        ("hospitals", ["north", "south", "north"]),
        ("hospitals", "north south west"),
        ("secret", 1),
    ],
)
def test_a_value_out_of_its_range_is_refused(tmp_path: Path, entry: str, value: object) -> None:
    path = written(tmp_path, **{entry: value})
    with pytest.raises(ConsortiumFileError, match=f"is no consortium file(?s:.*){entry}"):
        Consortium.load(path)


@pytest.mark.parametrize(
    "name", ["..", "../../etc", "/root", "a/b", "", ".hidden", "-x", "n" * 33, "a\nb", "Ä"]
)
def test_a_hospitals_name_leads_to_no_other_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConsortiumFileError, match="hospitals"):
        Consortium.load(written(tmp_path, hospitals=["north", "south", name]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        GOOD.to_json()[:-4],
        GOOD.to_json() + b"{}",
        b"1" * 5_000,
    ],
    ids=[
        "empty",
        "null",
        "list",
        "open",
        "utf16",
        "deep",
        "deep keys",
        "cut",
        "two",
        "long number",
    ],
)
def test_what_is_no_json_object_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "consortium.json"
    path.write_bytes(content)
    with pytest.raises(ConsortiumFileError, match="is no consortium file"):
        Consortium.load(path)


def test_a_missing_or_huge_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConsortiumFileError, match="cannot be read: No such file"):
        Consortium.load(tmp_path / "consortium.json")
    with pytest.raises(ConsortiumFileError, match="cannot be read: Is a directory"):
        Consortium.load(tmp_path)
    path = tmp_path / "huge.json"
    path.write_bytes(GOOD.to_json() + b" " * 70_000)
    with pytest.raises(ConsortiumFileError, match="larger than 65536 bytes"):
        Consortium.load(path)


def test_a_consortium_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        GOOD.scheme = "ckks"  # type: ignore[misc]
