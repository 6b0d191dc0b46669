"""SRS files that are damaged or forged; each defect has its own error."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from zkfl.curve import G1, G2, G2Point, multiply
from zkfl.srs import (
    SrsFile,
    SrsFormatError,
    SrsGeneratorError,
    SrsLagrangeError,
    SrsPointError,
    SrsPowersError,
    check_srs,
)
from zkfl.srs.encoding import G1_BYTES, G2_BYTES, encode_g1, encode_g2

Damage = Callable[[int, bytes], SrsFile]
HEADER = 4


def power(place: int) -> int:
    return HEADER + place * G1_BYTES


def lagrange(srs: SrsFile, row: int) -> int:
    return HEADER + (srs.rows + row) * G1_BYTES


def tail(srs: SrsFile) -> int:
    return HEADER + 2 * srs.rows * G1_BYTES


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SrsFormatError, match="cannot be read"):
        SrsFile(tmp_path / "none.srs")


@pytest.mark.parametrize("length", [0, 3, 4, 100, -1])
def test_refuses_truncation(srs: SrsFile, tmp_path: Path, length: int) -> None:
    path = tmp_path / "short.srs"
    path.write_bytes(srs.path.read_bytes()[:length])
    with pytest.raises(SrsFormatError, match="truncated"):
        SrsFile(path)


def test_refuses_trailing_bytes(srs: SrsFile, tmp_path: Path) -> None:
    path = tmp_path / "long.srs"
    path.write_bytes(srs.path.read_bytes() + b"x")
    with pytest.raises(SrsFormatError, match="an SRS of logrows 5 has"):
        SrsFile(path)


def test_refuses_an_absurd_header(damage: Damage) -> None:
    with pytest.raises(SrsFormatError, match="logrows is 4294967295"):
        damage(0, b"\xff" * HEADER)


def test_refuses_a_row_that_does_not_exist(srs: SrsFile) -> None:
    for row in (-1, srs.rows):
        with pytest.raises(SrsFormatError, match=f"no Lagrange point {row}"):
            srs.lagrange(row)


def test_refuses_infinity(damage: Damage) -> None:
    with pytest.raises(SrsPointError, match=r"g\[2\] is infinity"):
        check_srs(damage(power(2), bytes(G1_BYTES)))


def test_refuses_a_point_off_the_curve(srs: SrsFile, damage: Damage) -> None:
    damaged = damage(lagrange(srs, 4), b"\x01" + bytes(G1_BYTES - 1))
    with pytest.raises(SrsPointError, match=r"g_lagrange\[4\].*not on BN254"):
        check_srs(damaged)
    with pytest.raises(SrsPointError, match=r"g_lagrange\[4\]"):
        damaged.lagrange(4)


def test_refuses_coordinates_that_are_not_canonical(damage: Damage) -> None:
    with pytest.raises(SrsPointError, match="not below q"):
        check_srs(damage(power(1), b"\xff" * G1_BYTES))


def test_refuses_another_generator(srs: SrsFile, damage: Damage) -> None:
    with pytest.raises(SrsGeneratorError):
        check_srs(damage(power(0), encode_g1(multiply(G1, 2))))
    with pytest.raises(SrsGeneratorError):
        check_srs(damage(tail(srs), encode_g2(srs.s_g2)))


@pytest.mark.parametrize("place", [1, 2, 31])
def test_refuses_a_power_that_is_none(damage: Damage, place: int) -> None:
    with pytest.raises(SrsPowersError, match="not the powers of the tau"):
        check_srs(damage(power(place), encode_g1(multiply(G1, 99))))


def test_refuses_the_secret_of_another_srs(srs: SrsFile, damage: Damage) -> None:
    with pytest.raises(SrsPowersError, match="not the powers of the tau"):
        check_srs(damage(tail(srs) + G2_BYTES, encode_g2(G2)))


def test_refuses_a_secret_outside_the_group(srs: SrsFile, damage: Damage) -> None:
    with pytest.raises(SrsPowersError, match="s_g2 is no point of G2"):
        check_srs(damage(tail(srs) + G2_BYTES, encode_g2(G2Point(1, 2, 3, 4))))


@pytest.mark.parametrize("row", [0, 13, 31])
def test_refuses_a_wrong_lagrange_point(srs: SrsFile, damage: Damage, row: int) -> None:
    with pytest.raises(SrsLagrangeError):
        check_srs(damage(lagrange(srs, row), encode_g1(multiply(G1, 99))))


def test_refuses_swapped_lagrange_points(srs: SrsFile, damage: Damage) -> None:
    swapped = encode_g1(srs.lagrange(8)) + encode_g1(srs.lagrange(7))
    with pytest.raises(SrsLagrangeError):
        check_srs(damage(lagrange(srs, 7), swapped))


def test_hash_is_the_files(srs: SrsFile) -> None:
    assert srs.sha256() == hashlib.sha256(srs.path.read_bytes()).digest()
