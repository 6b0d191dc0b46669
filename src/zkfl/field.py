"""BN254's scalar field: the numbers that circuits, commitments and masks share.

Source of both moduli: EIP-197, https://eips.ethereum.org/EIPS/eip-197
"""

import secrets
from collections.abc import Iterable, Sequence

from zkfl.errors import ZkflError

SCALAR_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""``p``, the order of G1; every vector entry is an integer modulo it."""
BASE_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583
"""``q``, the field of the coordinates of G1 points."""
ELEMENT_BYTES = 32


class FieldError(ZkflError):
    """A value is no field element, or no vector of them."""


def to_field(value: int) -> int:
    """Return ``value mod p``; a negative ``v`` becomes ``p - |v|``."""
    return value % SCALAR_MODULUS


def to_signed(element: int) -> int:
    """Return the representative of a field element in ``(-p/2, p/2]``.

    Raises
    ------
    FieldError
        ``element`` is not in ``[0, p)``.
    """
    require_element(element)
    return element - SCALAR_MODULUS if element > SCALAR_MODULUS // 2 else element


def require_element(element: int) -> None:
    """Raise `FieldError` unless ``0 <= element < p``."""
    if not 0 <= element < SCALAR_MODULUS:
        raise FieldError(f"{element} is not a field element: it must lie in [0, p)")


def random_elements(count: int) -> list[int]:
    """Draw ``count`` uniform field elements from the operating system's generator."""
    return [secrets.randbelow(SCALAR_MODULUS) for _ in range(count)]


def vector_to_bytes(vector: Iterable[int]) -> bytes:
    """Encode a vector as 32-byte big-endian entries, the format of vector files.

    Raises
    ------
    FieldError
        An entry is not in ``[0, p)``.
    """
    entries = list(vector)
    for entry in entries:
        require_element(entry)
    return b"".join(entry.to_bytes(ELEMENT_BYTES, "big") for entry in entries)


def vector_from_bytes(data: bytes, length: int) -> list[int]:
    """Decode a vector file that must hold exactly ``length`` entries.

    Raises
    ------
    FieldError
        The file has another size, or an entry is not below ``p``.
    """
    if len(data) != length * ELEMENT_BYTES:
        raise FieldError(
            f"a vector of {length} entries takes {length * ELEMENT_BYTES} bytes, got {len(data)}: "
            "the file is truncated, or belongs to another circuit"
        )
    entries = [
        int.from_bytes(data[i : i + ELEMENT_BYTES], "big")
        for i in range(0, len(data), ELEMENT_BYTES)
    ]
    for entry in entries:
        require_element(entry)
    return entries


def to_ezkl_hex(vector: Sequence[int]) -> list[str]:
    """Encode field elements the way EZKL reads them: little-endian hex without ``0x``."""
    return [to_field(v).to_bytes(ELEMENT_BYTES, "little").hex() for v in vector]


def from_ezkl_hex(text: str) -> int:
    """Decode one field element of EZKL's little-endian hex.

    Raises
    ------
    FieldError
        The text is no hex of 32 bytes, or the value is not below ``p``.
    """
    try:
        raw = bytes.fromhex(text)
    except ValueError as error:
        raise FieldError(f"{text!r} is not hexadecimal") from error
    if len(raw) != ELEMENT_BYTES:
        raise FieldError(f"{text!r} has {len(raw)} bytes, a field element has {ELEMENT_BYTES}")
    value = int.from_bytes(raw, "little")
    require_element(value)
    return value
