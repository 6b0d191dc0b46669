"""The ciphertext file: a vector's limbs in as many ciphertexts as they need."""

import struct
from dataclasses import dataclass

from zkfl.encryption.errors import CiphertextFormatError

_MAGIC = b"zkfl-he1"
_HEADER = struct.Struct(">8s4s32sII")
_LENGTH = struct.Struct(">I")
MAX_ENTRIES = 1 << 20
MAX_CHUNK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Container:
    """A parsed ciphertext file.

    Attributes
    ----------
    scheme
        ``bfv`` or ``ckks``.
    context
        SHA-256 of the public context that it was encrypted under, as its maker says.
    entries
        Field elements in the vector.
    chunks
        TenSEAL ciphertexts, in order.
    """

    scheme: str
    context: bytes
    entries: int
    chunks: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """Return the file."""
        name, count = self.scheme.encode(), len(self.chunks)
        header = _HEADER.pack(_MAGIC, name, self.context, self.entries, count)
        return header + b"".join(_LENGTH.pack(len(chunk)) + chunk for chunk in self.chunks)


def largest_container(entries: int, slots: int, limbs: int) -> int:
    """Return the most bytes that a ciphertext file of a vector can have."""
    return _HEADER.size + -(-entries * limbs // slots) * (_LENGTH.size + MAX_CHUNK_BYTES)


def parse(data: bytes, scheme: str, slots: int, limbs: int) -> Container:
    """Parse a ciphertext file, trusting nothing in it.

    Parameters
    ----------
    data
        The file.
    scheme
        The consortium's scheme.
    slots
        Numbers a ciphertext holds.
    limbs
        Numbers a field element takes.

    Raises
    ------
    CiphertextFormatError
        Any length, name or count is not what it must be.
    """
    if len(data) < _HEADER.size:
        raise CiphertextFormatError(f"{len(data)} bytes are too few for a ciphertext file")
    magic, name, context, entries, count = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise CiphertextFormatError(f"the file begins with {magic!r}, not {_MAGIC!r}")
    if name.rstrip(b"\0") != scheme.encode():
        raise CiphertextFormatError(f"the file is of scheme {name!r}, the consortium uses {scheme}")
    if not 1 <= entries <= MAX_ENTRIES or count != -(-entries * limbs // slots):
        raise CiphertextFormatError(f"{entries} entries do not come in {count} ciphertexts")
    return Container(scheme, context, entries, _chunks(data, count))


def _chunks(data: bytes, count: int) -> tuple[bytes, ...]:
    chunks, offset = [], _HEADER.size
    for place in range(count):
        if offset + _LENGTH.size > len(data):
            raise CiphertextFormatError(f"the file ends before ciphertext {place} of {count}")
        (length,) = _LENGTH.unpack_from(data, offset)
        offset += _LENGTH.size
        if not 1 <= length <= MAX_CHUNK_BYTES or offset + length > len(data):
            raise CiphertextFormatError(f"ciphertext {place} claims {length} bytes")
        chunks.append(data[offset : offset + length])
        offset += length
    if offset != len(data):
        raise CiphertextFormatError(f"{len(data) - offset} bytes follow the last ciphertext")
    return tuple(chunks)
