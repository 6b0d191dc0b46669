"""Reading an EZKL SRS file: ``u32le k | n x g | n x g_lagrange | g2 | s_g2``, ``n = 2^k``."""

import hashlib
from functools import lru_cache
from pathlib import Path

from zkfl.curve import G1Point, G2Point
from zkfl.srs.domain import MIN_LOGROWS, TWO_ADICITY
from zkfl.srs.encoding import G1_BYTES, G2_BYTES, decode_g1, decode_g2
from zkfl.srs.errors import SrsFormatError

HEADER_BYTES = 4
PTAU_MAGIC = b"ptau"
"""What a ceremony's file begins with."""
_CACHED_POINTS = 65_536


def file_bytes(logrows: int) -> int:
    """Return the size of an SRS file in bytes."""
    return HEADER_BYTES + 2 * (G1_BYTES << logrows) + 2 * G2_BYTES


class SrsFile:
    """An SRS on disk whose header and size were checked; points are checked as they are read.

    Only `zkfl.srs.check_srs` tells whether the points belong together.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    SrsFormatError
        The file is missing, or its size does not match its header.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logrows = _read_logrows(path)
        self._lagrange = lru_cache(_CACHED_POINTS)(self._read_lagrange)

    @property
    def rows(self) -> int:
        """``n = 2^logrows``, the number of points in each basis."""
        return 1 << self.logrows

    @property
    def g2(self) -> G2Point:
        """The generator of G2."""
        return decode_g2(self._read(self._tail, G2_BYTES), "g2")

    @property
    def s_g2(self) -> G2Point:
        """The secret times the generator of G2."""
        return decode_g2(self._read(self._tail + G2_BYTES, G2_BYTES), "s_g2")

    def lagrange(self, row: int) -> G1Point:
        """Return ``L_row(tau)*G1``.

        Raises
        ------
        SrsFormatError
            There is no such row.
        SrsPointError
            The point is infinity or not on the curve.
        """
        return self._lagrange(row)

    def powers_basis(self) -> list[G1Point]:
        """Return all ``tau^i*G1``; raises `SrsPointError`."""
        return self._basis(HEADER_BYTES, "g")

    def lagrange_basis(self) -> list[G1Point]:
        """Return all ``L_i(tau)*G1``; raises `SrsPointError`."""
        return self._basis(self._lagrange_start, "g_lagrange")

    def sha256(self) -> bytes:
        """Return the SHA-256 of the file, 32 bytes: what the contract calls ``srsHash``."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()

    @property
    def _lagrange_start(self) -> int:
        return HEADER_BYTES + G1_BYTES * self.rows

    @property
    def _tail(self) -> int:
        return HEADER_BYTES + 2 * G1_BYTES * self.rows

    def _read_lagrange(self, row: int) -> G1Point:
        if not 0 <= row < self.rows:
            raise SrsFormatError(f"there is no Lagrange point {row}: {self.path} has {self.rows}")
        data = self._read(self._lagrange_start + G1_BYTES * row, G1_BYTES)
        return decode_g1(data, f"g_lagrange[{row}]")

    def _basis(self, start: int, name: str) -> list[G1Point]:
        data = self._read(start, G1_BYTES * self.rows)
        return [
            decode_g1(data[i * G1_BYTES : (i + 1) * G1_BYTES], f"{name}[{i}]")
            for i in range(self.rows)
        ]

    def _read(self, offset: int, count: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(offset)
            data = file.read(count)
        if len(data) != count:
            raise SrsFormatError(f"{self.path} became shorter while it was read")
        return data


def _read_logrows(path: Path) -> int:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
    except OSError as error:
        raise SrsFormatError(f"{path} cannot be read: {error.strerror}") from error
    if len(header) != HEADER_BYTES:
        raise SrsFormatError(f"{path} has {size} bytes, too few for an SRS: it was truncated")
    if header == PTAU_MAGIC:
        raise SrsFormatError(
            f"{path} is a ceremony's .ptau and no EZKL SRS: run zkfl srs import {path} FILE first, "
            "and give that FILE"
        )
    logrows = int.from_bytes(header, "little")
    if not MIN_LOGROWS <= logrows <= TWO_ADICITY:
        raise SrsFormatError(
            f"{path} is no EZKL SRS: by its first {HEADER_BYTES} bytes, logrows is {logrows}, not "
            f"in [{MIN_LOGROWS}, {TWO_ADICITY}]"
        )
    if size != file_bytes(logrows):
        raise SrsFormatError(
            f"{path} has {size} bytes, an SRS of logrows {logrows} has {file_bytes(logrows)}: "
            "it was truncated, or is no EZKL SRS"
        )
    return logrows
