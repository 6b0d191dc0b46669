"""What aggregator and hospitals say to each other over Flower: bytes and names, nothing pickled.

A request of the aggregator carries what the hospital asked for, and names what the aggregator
lacks. The reply carries of that what the hospital holds, and names what it lacks itself.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flwr.app import Array, ArrayRecord, ConfigRecord, RecordDict

from zkfl.artifacts import DIGEST_BYTES
from zkfl.errors import ZkflError
from zkfl.foreign_text import foreign_text

ACTION = "exchange"
"""A hospital's ClientApp answers queries of this name."""
MESSAGE_TYPE = f"query.{ACTION}"
MAX_DIGESTS = 256
"""Names in a message; a round of 64 members has 70."""
NONCE_BYTES = 32
_FORMAT = "zkfl.exchange.v1"
_HEAD, _ARTEFACTS = "exchange", "artefacts"
_DTYPE, _STYPE = "uint8", "zkfl.bytes"


class FlowerMessageError(ZkflError):
    """A message that came over Flower is not what it should be."""


class MisdirectedMessageError(FlowerMessageError):
    """A message of another consortium, or an answer to another request."""


@dataclass(frozen=True)
class Talk:
    """One message, either way.

    Attributes
    ----------
    consortium
        Chain id and the registry's address, such as ``31337:0x…``.
    nonce
        Drawn for each request; the reply repeats it.
    lacking
        SHA-256 of what the sender lacks.
    artefacts
        By SHA-256, as the sender says.
    """

    consortium: str
    nonce: bytes
    lacking: frozenset[bytes]
    artefacts: Mapping[bytes, bytes] = field(repr=False)

    def encode(self) -> RecordDict:
        """Return the message's content."""
        head = ConfigRecord(
            {
                "format": _FORMAT,
                "consortium": self.consortium,
                "nonce": self.nonce,
                "lacking": sorted(self.lacking),
            }
        )
        arrays = {digest.hex(): _array(content) for digest, content in self.artefacts.items()}
        return RecordDict({_HEAD: head, _ARTEFACTS: ArrayRecord(arrays)})


def new_nonce() -> bytes:
    """Return a number that no other request has."""
    return secrets.token_bytes(NONCE_BYTES)


def decode(content: RecordDict, consortium: str, nonce: bytes | None = None) -> Talk:
    """Read a message, trusting nothing in it.

    Parameters
    ----------
    content
        As it came.
    consortium
        The reader's own.
    nonce
        Of the request that this has to answer; None for a request.

    Raises
    ------
    FlowerMessageError
        It is no message of this format.
    MisdirectedMessageError
        It is of another consortium, or answers another request.
    """
    if set(content) != {_HEAD, _ARTEFACTS}:
        raise FlowerMessageError(f"a message has the records {_shown(content)}, not those of zkfl")
    head, arrays = content[_HEAD], content[_ARTEFACTS]
    if not isinstance(head, ConfigRecord) or not isinstance(arrays, ArrayRecord):
        raise FlowerMessageError("a message's records are of other kinds than zkfl's")
    talk = Talk(*_head(head), _artefacts(arrays))
    if talk.consortium != consortium:
        raise MisdirectedMessageError(
            f"a message is of the consortium {talk.consortium[:80]!r}, this party is of "
            f"{consortium}: nothing of it is taken"
        )
    if nonce is not None and talk.nonce != nonce:
        raise MisdirectedMessageError(
            f"a reply repeats {talk.nonce.hex()}, the request said {nonce.hex()}: it answers "
            "another request, and nothing of it is taken"
        )
    return talk


def _array(content: bytes) -> Array:
    return Array(dtype=_DTYPE, shape=(len(content),), stype=_STYPE, data=content)


def _head(head: ConfigRecord) -> tuple[str, bytes, frozenset[bytes]]:
    if set(head) != {"format", "consortium", "nonce", "lacking"} or head["format"] != _FORMAT:
        raise FlowerMessageError(f"a message's head has {_shown(head)}, not what {_FORMAT} has")
    consortium, nonce, lacking = head["consortium"], head["nonce"], head["lacking"]
    if not isinstance(consortium, str):
        raise FlowerMessageError(f"a consortium is named by text, not {type(consortium).__name__}")
    if not isinstance(nonce, bytes) or len(nonce) != NONCE_BYTES:
        raise FlowerMessageError(f"a nonce has {NONCE_BYTES} bytes; this one does not")
    if not isinstance(lacking, list) or len(lacking) > MAX_DIGESTS:
        raise FlowerMessageError(f"a message asks for up to {MAX_DIGESTS} artefacts, by name")
    return consortium, nonce, frozenset(_digest(one) for one in lacking)


def _artefacts(arrays: ArrayRecord) -> dict[bytes, bytes]:
    if len(arrays) > MAX_DIGESTS:
        raise FlowerMessageError(f"a message has {len(arrays)} artefacts, above {MAX_DIGESTS}")
    return {_named(name): _content(name, array) for name, array in arrays.items()}


def _digest(value: object) -> bytes:
    if not isinstance(value, bytes) or len(value) != DIGEST_BYTES:
        raise FlowerMessageError(f"an artefact is named by the {DIGEST_BYTES} bytes of a SHA-256")
    return value


def _named(name: str) -> bytes:
    try:
        digest = bytes.fromhex(name)
    except ValueError:
        digest = b""
    if digest.hex() != name or len(digest) != DIGEST_BYTES:
        raise FlowerMessageError(f"{name[:80]!r} is no name of an artefact: a SHA-256 in hex is")
    return digest


def _content(name: str, array: Array) -> bytes:
    content = array.data
    plain = (array.dtype, array.stype, tuple(array.shape)) == (_DTYPE, _STYPE, (len(content),))
    if not plain or not isinstance(content, bytes):
        raise FlowerMessageError(f"the artefact {name} did not come as plain bytes")
    return content


def _shown(names: Iterable[object]) -> str:
    return ", ".join(sorted(foreign_text(str(name), 40) for name in names)[:8]) or "none"
