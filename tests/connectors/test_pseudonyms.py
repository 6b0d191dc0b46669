"""A patient has one pseudonym a key, and the key stays with its owner."""

from pathlib import Path

import pytest

from zkfl.node.connectors.age_bands import age_band, years_of_dicom_age
from zkfl.node.connectors.errors import PseudonymKeyError, RefusedFileError
from zkfl.node.connectors.pseudonyms import Pseudonyms, create_pseudonym_key, load_pseudonyms
from zkfl.private_file import PrivateFileError


def test_a_key_is_drawn_once(tmp_path: Path) -> None:
    path = tmp_path / "pseudonyms.key"
    create_pseudonym_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_pseudonyms(path).of_patient("17") == load_pseudonyms(path).of_patient(" 17")
    with pytest.raises(PseudonymKeyError, match="never replaced"):
        create_pseudonym_key(path)


def test_another_key_gives_another_pseudonym() -> None:
    first, second = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)
    assert first.of_patient("17") != second.of_patient("17")


def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "pseudonyms.key"
    create_pseudonym_key(path)
    path.chmod(0o644)
    with pytest.raises(PrivateFileError, match="mode 0644"):
        load_pseudonyms(path)


def test_a_key_that_is_missing_is_not_drawn_anew(tmp_path: Path) -> None:
    with pytest.raises(PseudonymKeyError, match="is missing"):
        load_pseudonyms(tmp_path / "pseudonyms.key")


def test_a_key_that_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "pseudonyms.key"
    path.touch(mode=0o600)
    path.write_bytes(b"short")
    with pytest.raises(PseudonymKeyError, match="5 bytes"):
        load_pseudonyms(path)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("abc1", "ABC1"),
        ("M\u00fcller1", "Mu\u0308ller1"),
        ("\uff11\uff12", "12"),
        ("STRASSE7", "stra\u00dfe7"),
        ("a\u00a0b", "A b"),
        (" 17\u3000", "17"),
    ],
)
def test_two_spellings_are_one_patient(first: str, second: str) -> None:
    pseudonyms = Pseudonyms(b"1" * 32)
    assert pseudonyms.of_patient(first) == pseudonyms.of_patient(second)


@pytest.mark.parametrize(("first", "second"), [("00123", "123"), ("P-1", "P1"), ("a b", "ab")])
def test_other_characters_are_another_patient(first: str, second: str) -> None:
    pseudonyms = Pseudonyms(b"1" * 32)
    assert pseudonyms.of_patient(first) != pseudonyms.of_patient(second)


def test_what_composing_makes_short_is_endless_all_the_same() -> None:
    with pytest.raises(RefusedFileError):
        Pseudonyms(b"1" * 32).of_patient("e\u0301" * 129)


@pytest.mark.parametrize("identifier", ["", "  ", None, 17, "a\nb", "x" * 257, "Mül�ler"])
def test_what_is_no_identifier(identifier: object) -> None:
    with pytest.raises(RefusedFileError):
        Pseudonyms(b"1" * 32).of_patient(identifier)


@pytest.mark.parametrize(
    ("age", "band"),
    [
        ("045Y", "40-49"),
        ("018M", "0-9"),
        ("090Y", "90+"),
        ("104Y", "90+"),
        ("45", ""),
        ("999Y", ""),
    ],
)
def test_ages_become_bands(age: str, band: str) -> None:
    assert age_band(years_of_dicom_age(age)) == band
