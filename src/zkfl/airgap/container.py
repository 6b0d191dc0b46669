r"""The bytes of a bundle: a signature over everything that follows it, a header, plain parts.

Nothing is compressed and nothing has a name: what is unpacked is as large as the file, and no
path in it leads anywhere. The signature is checked before anything is parsed.

    zkfl.bundle.v1\n | signature's length (1 byte) | signature
    | header's length (4 bytes) | header | parts
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from zkfl.airgap.errors import BundleFileError

MAGIC = b"zkfl.bundle.v1\n"
MAX_BUNDLE_BYTES = 256 * 2**20
MAX_HEADER_BYTES = 2**20
_LENGTH_BYTES = 4
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Signer = Callable[[bytes], bytes]
"""Gets the message, returns its signature."""
Verifier = Callable[[bytes, bytes], None]
"""Gets message and signature, and raises where they do not belong together."""


class Part(BaseModel):
    """What a header says about one of the parts behind it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sha256: Hash
    size: Annotated[int, Field(ge=0, le=MAX_BUNDLE_BYTES)]

    @classmethod
    def of(cls, content: bytes) -> "Part":
        """Describe bytes."""
        return cls(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def bundle_digest(content: bytes) -> str:
    """Return the SHA-256 by which both sides recognise a bundle, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def seal_bundle(header: bytes, parts: Sequence[bytes], sign: Signer) -> bytes:
    """Return the bytes of a bundle.

    Raises
    ------
    BundleFileError
        It would be larger than what the other side takes.
    """
    body = b"".join([len(header).to_bytes(_LENGTH_BYTES, "big"), header, *parts])
    if len(header) > MAX_HEADER_BYTES or len(body) > MAX_BUNDLE_BYTES:
        raise BundleFileError(
            f"the bundle would have {len(body)} bytes ({len(header)} of them its header), the "
            f"other side takes {MAX_BUNDLE_BYTES} ({MAX_HEADER_BYTES})"
        )
    signature = sign(_message(body))
    return MAGIC + bytes([len(signature)]) + signature + body


def open_bundle(content: bytes, verify: Verifier) -> tuple[bytes, bytes]:
    """Return the header of a bundle and all that follows it, once its signature was verified.

    Raises
    ------
    BundleFileError
        It is no bundle, or cut short.
    """
    signature, body = _split_signature(content)
    verify(_message(body), signature)
    return _split_header(body)


def peek_header(content: bytes) -> bytes:
    """Return the header of a bundle that nobody has verified; for showing it, and no more."""
    return _split_header(_split_signature(content)[1])[0]


def split_parts(rest: bytes, parts: Sequence[Part]) -> list[bytes]:
    """Return the parts as the header lists them, each with the hash that it states.

    Raises
    ------
    BundleFileError
        Sizes or hashes differ.
    """
    stated = sum(part.size for part in parts)
    if stated != len(rest):
        raise BundleFileError(
            f"the bundle's parts have {len(rest)} bytes, its header lists {stated}: it is cut "
            "short, or was made by something else than zkfl"
        )
    contents, start = [], 0
    for part in parts:
        contents.append(rest[start : start + part.size])
        start += part.size
        if Part.of(contents[-1]) != part:
            raise BundleFileError(f"a part of the bundle does not hash to {part.sha256}")
    return contents


def _message(body: bytes) -> bytes:
    return MAGIC + hashlib.sha256(body).digest()


def _split_signature(content: bytes) -> tuple[bytes, bytes]:
    start = len(MAGIC) + 1
    if not content.startswith(MAGIC) or len(content) < start:
        raise BundleFileError("the file is no bundle of this version of zkfl")
    end = start + content[len(MAGIC)]
    return content[start:end], content[end:]


def _split_header(body: bytes) -> tuple[bytes, bytes]:
    end = _LENGTH_BYTES + int.from_bytes(body[:_LENGTH_BYTES], "big")
    if len(body) < _LENGTH_BYTES or end > len(body) or end > _LENGTH_BYTES + MAX_HEADER_BYTES:
        raise BundleFileError("the bundle is cut short: copy it again")
    return body[_LENGTH_BYTES:end], body[end:]
