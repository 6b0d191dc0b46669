"""Conversion of a ceremony's ``.ptau`` file, prepared for phase 2, to an EZKL SRS.

Format: snarkjs, https://github.com/iden3/snarkjs (powersoftau_utils.js): ``"ptau"``, u32
version, u32 count, then sections of u32 type, u64 size and content. Points are encoded as
in an SRS, so that they are copied; only the order of the Lagrange points differs.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from zkfl.curve import COORDINATE_BYTES, ProgressCallback
from zkfl.field import BASE_MODULUS, SCALAR_MODULUS
from zkfl.folders import make_folder
from zkfl.srs.check import check_srs
from zkfl.srs.domain import omega, require_logrows
from zkfl.srs.encoding import G1_BYTES, G2_BYTES
from zkfl.srs.errors import PtauError
from zkfl.srs.file import HEADER_BYTES, PTAU_MAGIC, SrsFile

_FILE_HEADER = struct.Struct("<4sII")
_SECTION_HEADER = struct.Struct("<IQ")
_CURVE_HEADER = struct.Struct(f"<I{COORDINATE_BYTES}sI")
_MAX_SECTIONS = 64
_CURVE_SECTION, _G1_SECTION, _G2_SECTION, _LAGRANGE_SECTION = 1, 2, 3, 12
_NON_RESIDUE = 5
"""snarkjs's roots of unity are powers of 5, halo2's of another non-residue."""


@dataclass(frozen=True)
class _Section:
    offset: int
    size: int


def is_ptau(path: Path) -> bool:
    """Tell whether a file is meant to be a ``.ptau``, by its name or its first bytes."""
    if path.suffix == ".ptau" or not path.is_file():
        return path.suffix == ".ptau"
    with path.open("rb") as file:
        return file.read(len(PTAU_MAGIC)) == PTAU_MAGIC


def convert_ptau(
    ptau_path: Path, logrows: int, out_path: Path, on_progress: ProgressCallback | None = None
) -> SrsFile:
    """Convert a ``.ptau`` and leave the SRS only if it passes `zkfl.srs.check_srs`.

    Parameters
    ----------
    ptau_path
        Of power ``logrows`` or more, prepared for phase 2.
    logrows
        log2 of the rows of the SRS.
    out_path
        Where to; replaced atomically.
    on_progress
        Of the check.

    Raises
    ------
    PtauError
        The file is no such ``.ptau``, truncated, too small, or not prepared.
    SrsError
        Its points do not belong together.
    """
    require_logrows(logrows)
    partial = out_path.with_name(f".{out_path.name}.partial")
    try:
        _write(ptau_path, logrows, partial)
        check_srs(SrsFile(partial), on_progress)
        partial.replace(out_path)
    finally:
        partial.unlink(missing_ok=True)
    return SrsFile(out_path)


def _write(ptau_path: Path, logrows: int, target: Path) -> None:
    parts = _convert(ptau_path, logrows)
    make_folder(target.parent)
    with target.open("wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())


def _convert(ptau_path: Path, logrows: int) -> list[bytes]:
    try:
        with ptau_path.open("rb") as file:
            return _read_parts(file, _sections(file, ptau_path), logrows)
    except OSError as error:
        raise PtauError(f"{ptau_path} cannot be read: {error.strerror}") from error


def _read_parts(file: BinaryIO, sections: dict[int, _Section], logrows: int) -> list[bytes]:
    power = _power(file, sections)
    if power < logrows:
        raise PtauError(f"the ceremony has power {power}, logrows {logrows} needs as much or more")
    if _LAGRANGE_SECTION not in sections:
        raise PtauError(
            "the .ptau holds no Lagrange points: run `snarkjs powersoftau prepare phase2` on it"
        )
    rows = 1 << logrows
    return [
        logrows.to_bytes(HEADER_BYTES, "little"),
        _slice(file, sections, _G1_SECTION, 0, rows * G1_BYTES),
        *_lagrange(
            _slice(file, sections, _LAGRANGE_SECTION, (rows - 1) * G1_BYTES, rows * G1_BYTES),
            logrows,
        ),
        _slice(file, sections, _G2_SECTION, 0, 2 * G2_BYTES),
    ]


def _lagrange(points: bytes, logrows: int) -> list[bytes]:
    """Reorder: with ``omega_halo2 = omega_snarkjs^e``, ``L_halo2[i] = L_snarkjs[e*i mod n]``."""
    rows = 1 << logrows
    exponent = _exponent(logrows)
    places = (exponent * row % rows for row in range(rows))
    return [points[place * G1_BYTES : (place + 1) * G1_BYTES] for place in places]


def _exponent(logrows: int) -> int:
    """Return ``e`` with ``omega_halo2 = omega_snarkjs^e``, bit by bit from the lowest."""
    rows = 1 << logrows
    root = pow(_NON_RESIDUE, (SCALAR_MODULUS - 1) // rows, SCALAR_MODULUS)
    exponent = 0
    for bit in range(logrows):
        rest = omega(logrows) * pow(root, -exponent, SCALAR_MODULUS) % SCALAR_MODULUS
        if pow(rest, 1 << (logrows - 1 - bit), SCALAR_MODULUS) != 1:
            exponent |= 1 << bit
    return exponent


def _sections(file: BinaryIO, path: Path) -> dict[int, _Section]:
    size = path.stat().st_size
    magic, version, count = _FILE_HEADER.unpack(_exactly(file, _FILE_HEADER.size))
    if magic != PTAU_MAGIC or version != 1 or count > _MAX_SECTIONS:
        raise PtauError(
            f"{path} begins with {magic!r}, version {version}, {count} sections: it is no .ptau"
        )
    sections: dict[int, _Section] = {}
    for _ in range(count):
        kind, length = _SECTION_HEADER.unpack(_exactly(file, _SECTION_HEADER.size))
        section = _Section(file.tell(), length)
        if kind in sections or section.offset + length > size:
            raise PtauError(f"section {kind} of {path} is repeated or ends past the file's end")
        sections[kind] = section
        file.seek(length, os.SEEK_CUR)
    if file.tell() != size:
        raise PtauError(f"{path} has {size - file.tell()} bytes after its last section")
    return sections


def _power(file: BinaryIO, sections: dict[int, _Section]) -> int:
    header = _slice(file, sections, _CURVE_SECTION, 0, _CURVE_HEADER.size)
    width, modulus, power = _CURVE_HEADER.unpack(header)
    if width != COORDINATE_BYTES or int.from_bytes(modulus, "little") != BASE_MODULUS:
        raise PtauError("the .ptau is of another curve: EZKL needs bn128 (BN254)")
    return int(power)


def _slice(
    file: BinaryIO, sections: dict[int, _Section], kind: int, start: int, length: int
) -> bytes:
    section = sections.get(kind)
    if section is None or start + length > section.size:
        raise PtauError(f"section {kind} is missing or too short: the .ptau was truncated")
    file.seek(section.offset + start)
    return _exactly(file, length)


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise PtauError(f"{count} bytes were expected, {len(data)} came: the .ptau was truncated")
    return data
