"""Conversion of a real snarkjs ceremony."""

import subprocess
from pathlib import Path

import pytest

from zkfl.field import SCALAR_MODULUS
from zkfl.srs import PtauError, SrsError, SrsFile, check_srs, convert_ptau, is_demo
from zkfl.srs.errors import SrsPointError

POWER = 6
_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ceremony(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ceremony")
    snarkjs(folder, "new", "bn128", str(POWER), "new.ptau")
    snarkjs(folder, "contribute", "new.ptau", "contributed.ptau", "--name=test", "-e=test")
    snarkjs(folder, "prepare", "phase2", "contributed.ptau", "prepared.ptau")
    return folder


def snarkjs(folder: Path, *arguments: str) -> None:
    program = _ROOT / "node_modules" / ".bin" / "snarkjs"
    subprocess.run(
        [program, "powersoftau", *arguments], cwd=folder, check=True, capture_output=True
    )


@pytest.mark.parametrize("logrows", [3, 5, POWER])
def test_converts_to_every_smaller_size(ceremony: Path, tmp_path: Path, logrows: int) -> None:
    srs = convert_ptau(ceremony / "prepared.ptau", logrows, tmp_path / "out.srs")
    assert srs.logrows == logrows
    check_srs(srs)
    assert not is_demo(srs)
    assert [path.name for path in tmp_path.iterdir()] == ["out.srs"]


def refused(ptau: Path, folder: Path, logrows: int = 4) -> str:
    """Return the message of the refusal, after which nothing must be left."""
    with pytest.raises(PtauError) as caught:
        convert_ptau(ptau, logrows, folder / "out.srs")
    assert not (folder / "out.srs").exists()
    assert not (folder / ".out.srs.partial").exists()
    return str(caught.value)


def test_refuses_more_rows_than_the_ceremony_has(ceremony: Path, tmp_path: Path) -> None:
    message = refused(ceremony / "prepared.ptau", tmp_path, POWER + 1)
    assert message.startswith(f"the ceremony has power {POWER}, logrows {POWER + 1} needs")


def test_refuses_a_file_not_prepared(ceremony: Path, tmp_path: Path) -> None:
    assert "prepare phase2" in refused(ceremony / "contributed.ptau", tmp_path)


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "none.ptau", tmp_path)


@pytest.mark.parametrize("kept", [0, 7, 20, 60, 5_000, -1])
def test_refuses_truncation(ceremony: Path, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "short.ptau"
    path.write_bytes((ceremony / "prepared.ptau").read_bytes()[:kept])
    assert "truncated" in (message := refused(path, tmp_path)) or "past the file" in message


def test_refuses_garbage(tmp_path: Path) -> None:
    path = tmp_path / "garbage.ptau"
    path.write_bytes(b"\x93" * 4_096)
    assert "it is no .ptau" in refused(path, tmp_path)


def test_refuses_trailing_bytes(ceremony: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.ptau"
    path.write_bytes((ceremony / "prepared.ptau").read_bytes() + b"x")
    assert "1 bytes after its last section" in refused(path, tmp_path)


def test_refuses_another_curve(ceremony: Path, tmp_path: Path) -> None:
    content = (ceremony / "prepared.ptau").read_bytes()
    at = 12 + 12 + 4
    path = tmp_path / "other.ptau"
    path.write_bytes(content[:at] + SCALAR_MODULUS.to_bytes(32, "little") + content[at + 32 :])
    assert "of another curve" in refused(path, tmp_path)


def test_leaves_nothing_when_the_points_are_damaged(ceremony: Path, tmp_path: Path) -> None:
    content = bytearray((ceremony / "prepared.ptau").read_bytes())
    first_point = 12 + 12 + 44 + 12
    content[first_point + 64] ^= 1
    path, out = tmp_path / "damaged.ptau", tmp_path / "out.srs"
    path.write_bytes(content)
    with pytest.raises(SrsPointError):
        convert_ptau(path, 4, out)
    assert [file.name for file in tmp_path.iterdir()] == ["damaged.ptau"]


def test_keeps_an_earlier_srs_when_refused(ceremony: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.srs"
    kept = convert_ptau(ceremony / "prepared.ptau", 3, out).sha256()
    with pytest.raises(SrsError):
        convert_ptau(ceremony / "contributed.ptau", 3, out)
    assert SrsFile(out).sha256() == kept
