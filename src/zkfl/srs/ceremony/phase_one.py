"""A powers-of-tau file with its history, read strictly: what a ceremony of zkfl writes.

Format: snarkjs, https://github.com/iden3/snarkjs (powersoftau_new.js, powersoftau_utils.js).
snarkjs itself reads more than it writes: repeated sections, beacons of 2^63 iterations in the
place of contributions, names that imitate its messages. Nothing of that reaches it from here,
since size, sections and all but the points and hashes are known before a file is opened.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from zkfl.curve import COORDINATE_BYTES
from zkfl.field import BASE_MODULUS
from zkfl.srs.ceremony.errors import BeaconError, HistoryError, TranscriptFileError
from zkfl.srs.encoding import G1_BYTES, G2_BYTES

BEACON_ITERATIONS_EXPONENT: Final = 10
"""snarkjs's least; see docs/decisions/0011 for why no more."""
BEACON_NAME: Final = "beacon"
BEACON_BYTES: Final = 32
_FILE_HEADER = struct.Struct("<4sII")
_SECTION_HEADER = struct.Struct("<IQ")
_CURVE_HEADER = struct.Struct(f"<I{COORDINATE_BYTES}sII")
_COUNT = struct.Struct("<I")
_RECORD_TAIL = struct.Struct("<II")
_RECORD_POINTS = 9 * G1_BYTES + 5 * G2_BYTES
_RECORD_HASHES = 216 + 64
_PARAMETER_BYTES = 44
"""A name of 42 characters; or ``beacon``, the exponent and 32 bytes: 44 bytes either way."""
RECORD_BYTES: Final = _RECORD_POINTS + _RECORD_HASHES + _RECORD_TAIL.size + _PARAMETER_BYTES
_CONTRIBUTION, _BEACON = 0, 1
_NAME_TAG, _EXPONENT_TAG, _VALUE_TAG = 1, 2, 3
TAU_G1, TAU_G2, ALPHA_G1, BETA_G1, BETA_G2, HISTORY = 2, 3, 4, 5, 6, 7


@dataclass(frozen=True)
class PhaseOne:
    """A file of the transcript whose form is right; its points are not checked here.

    Attributes
    ----------
    power
        log2 of the rows.
    content
        The whole file.
    records
        A record of `RECORD_BYTES` a contribution, in order.
    """

    power: int
    content: bytes
    records: tuple[bytes, ...]

    def sha256(self) -> bytes:
        """Return the SHA-256 of the file, 32 bytes: the contract's ``fileHash``."""
        return hashlib.sha256(self.content).digest()

    def section(self, kind: int) -> bytes:
        """Return the content of a section, `TAU_G1` to `BETA_G2`."""
        start = _FILE_HEADER.size + _SECTION_HEADER.size
        for number, size in enumerate(_section_sizes(self.power, len(self.records)), start=1):
            if number == kind:
                return self.content[start : start + size]
            start += size + _SECTION_HEADER.size
        raise TranscriptFileError(f"a phase 1 file has no section {kind}")


def record_hash(record: bytes) -> bytes:
    """Return the SHA-256 of a record, 32 bytes: the contract's ``recordHash``."""
    return hashlib.sha256(record).digest()


def file_bytes(power: int, records: int) -> int:
    """Return the size of the file with so many records, a beacon counted as one."""
    sizes = _section_sizes(power, records)
    return _FILE_HEADER.size + sum(sizes) + len(sizes) * _SECTION_HEADER.size


def read_phase_one(
    content: bytes, power: int, contributors: Sequence[str], beacon: bytes | None = None
) -> PhaseOne:
    """Read a file that holds exactly these contributions.

    Parameters
    ----------
    content
        The file; anybody may have written it.
    power
        log2 of the rows.
    contributors
        The address of each contribution's author, in order, checksummed.
    beacon
        The beacon that closes the history, 32 bytes; None before it.

    Raises
    ------
    TranscriptFileError
        It is no powers-of-tau file of this curve, power and number of contributions.
    HistoryError
        A contribution is another's, or a beacon stands in its place.
    BeaconError
        The beacon is another one.
    """
    count = len(contributors) + (beacon is not None)
    expected = file_bytes(power, count)
    if len(content) != expected:
        raise TranscriptFileError(
            f"the file has {len(content)} bytes, one of power {power} with {count} contributions "
            f"(the beacon counted) has {expected}: it was truncated, holds more or fewer "
            "contributions, or is of another size"
        )
    history = _require_sections(content, power, count)
    records = tuple(
        history[start : start + RECORD_BYTES]
        for start in range(_COUNT.size, len(history), RECORD_BYTES)
    )
    for index, contributor in enumerate(contributors):
        _require_contribution(records[index], index, contributor)
    if beacon is not None:
        _require_beacon(records[-1], beacon)
    return PhaseOne(power, content, records)


def record_points(record: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return a record's encoded points, those of G1 and those of G2."""
    sizes = [G1_BYTES, G2_BYTES, G1_BYTES, G1_BYTES, G2_BYTES, *[G1_BYTES] * 6, *[G2_BYTES] * 3]
    points, start = [], 0
    for size in sizes:
        points.append(record[start : start + size])
        start += size
    g1 = [point for point in points if len(point) == G1_BYTES]
    return g1, [point for point in points if len(point) == G2_BYTES]


def _section_sizes(power: int, records: int) -> list[int]:
    rows = 1 << power
    powers = [(2 * rows - 1) * G1_BYTES, rows * G2_BYTES, rows * G1_BYTES, rows * G1_BYTES]
    return [_CURVE_HEADER.size, *powers, G2_BYTES, _COUNT.size + records * RECORD_BYTES]


def _require_sections(content: bytes, power: int, records: int) -> bytes:
    """Check all headers, and return the content of the last section, the history."""
    sizes = _section_sizes(power, records)
    if content[: _FILE_HEADER.size] != _FILE_HEADER.pack(b"ptau", 1, len(sizes)):
        raise TranscriptFileError(
            f"the file begins with {content[: _FILE_HEADER.size].hex()}: it is no .ptau of "
            "phase 1 as snarkjs writes it"
        )
    start = _FILE_HEADER.size
    part = b""
    for number, size in enumerate(sizes, start=1):
        header = content[start : start + _SECTION_HEADER.size]
        if header != _SECTION_HEADER.pack(number, size):
            raise TranscriptFileError(
                f"section {number} has the header {header.hex()}, expected {size} bytes: the file "
                "was altered"
            )
        start += _SECTION_HEADER.size + size
        part = content[start - size : start]
        if number == 1:
            _require_curve(part, power)
    if _COUNT.unpack_from(part) != (records,):
        raise HistoryError(
            f"the history counts {_COUNT.unpack_from(part)[0]} contributions, expected {records}"
        )
    return part


def _require_curve(header: bytes, power: int) -> None:
    width, modulus, actual, ceremony_power = _CURVE_HEADER.unpack(header)
    if width != COORDINATE_BYTES or int.from_bytes(modulus, "little") != BASE_MODULUS:
        raise TranscriptFileError("the file is of another curve: EZKL needs bn128 (BN254)")
    if (actual, ceremony_power) != (power, power):
        raise TranscriptFileError(
            f"the file is of power {actual}, cut from {ceremony_power}; the ceremony's is {power}"
        )


def _require_contribution(record: bytes, index: int, contributor: str) -> None:
    kind, parameters = _tail(record)
    if kind != _CONTRIBUTION:
        raise HistoryError(
            f"record {index} is of kind {kind}, no contribution: a beacon's secret is public"
        )
    name = contributor.encode()
    if parameters != bytes([_NAME_TAG, len(name)]) + name:
        raise HistoryError(
            f"record {index} is named {parameters!r}, expected the contributor's address "
            f"{contributor}: the record is another's, or was made without this command"
        )


def _require_beacon(record: bytes, beacon: bytes) -> None:
    kind, parameters = _tail(record)
    name = BEACON_NAME.encode()
    start = bytes([_NAME_TAG, len(name)]) + name
    start += bytes([_EXPONENT_TAG, BEACON_ITERATIONS_EXPONENT, _VALUE_TAG, BEACON_BYTES])
    if kind != _BEACON or not parameters.startswith(start):
        raise BeaconError(f"the last record (kind {kind}) is no beacon of this ceremony")
    if parameters != start + beacon:
        raise BeaconError(
            f"the file's beacon is {parameters[len(start) :].hex()}, the chain's is "
            f"{beacon.hex()}: whoever made the file chose another one"
        )


def _tail(record: bytes) -> tuple[int, bytes]:
    """Return a record's kind and its parameters, `_PARAMETER_BYTES` of them."""
    kind, length = _RECORD_TAIL.unpack_from(record, _RECORD_POINTS + _RECORD_HASHES)
    if length != _PARAMETER_BYTES:
        raise HistoryError(f"a record has {length} bytes of parameters, not {_PARAMETER_BYTES}")
    return int(kind), record[-_PARAMETER_BYTES:]
