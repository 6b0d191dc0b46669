"""No secret and no record reaches a log, also where somebody logs one by mistake.

Names of fields are judged first, then the kind of a value, then what a text looks like. What is not
known to be harmless is not written.
"""

import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from urllib.parse import urlsplit

LARGEST_INTEGER = 1 << 64
"""Block numbers, gas, wei of a small account and times are below; field elements are not."""
MOST_ENTRIES = 16
MOST_CHARACTERS = 4_000
HIDDEN = "[hidden]"
_SECRET_NAME = re.compile(
    r"secret|passw|passphrase|token|mnemonic|seed|private|mask|blind|record|witness|noise"
    r"|plaintext|(^|_)keys?($|_)",
    re.IGNORECASE,
)
_HASH_NAME = re.compile(r"(^|_)(hash|digest|sha256)$")
_URL = re.compile(r"https?://[^\s'\"<>]+", re.IGNORECASE)
_LONG_HEX = re.compile(r"(?<![0-9a-zA-Z])(0x)?([0-9a-fA-F]{8})[0-9a-fA-F]{48,}")
_LONG_DECIMAL = re.compile(r"\d{20,}")
_TOKEN = re.compile(r"[A-Za-z0-9_+-]{24,}={0,2}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HASH = re.compile(r"(0x)?[0-9a-f]{64}")
_HARMLESS = (bool, float, type(None))


def redact(_: object, __: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Return an event of which every field may be written; a processor of structlog."""
    return {name: redacted(name, value) for name, value in event.items()}


def redacted(name: str, value: object) -> object:
    """Return what may be written of a field."""
    if _SECRET_NAME.search(name):
        return HIDDEN
    if isinstance(value, _HARMLESS):
        return value
    if isinstance(value, int):
        size = value.bit_length()
        return int(value) if abs(value) < LARGEST_INTEGER else f"[integer of {size} bits]"
    if isinstance(value, str | Path):
        return _text(name, str(value))
    return _compound(name, value)


def _compound(name: str, value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, Mapping):
        return {str(key): redacted(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        if len(value) > MOST_ENTRIES:
            return f"[{len(value)} values]"
        return [redacted(name, part) for part in value]
    # its text could show anything
    return f"[{type(value).__name__}]"


def _text(name: str, text: str) -> str:
    if _HASH_NAME.search(name) and _HASH.fullmatch(text):
        return text
    for pattern, replacement in (
        (_URL, _place),
        (_LONG_HEX, lambda found: f"{found[1] or ''}{found[2]}…"),
        (_LONG_DECIMAL, lambda _: HIDDEN),
        (_TOKEN, _unless_readable),
    ):
        text = pattern.sub(replacement, text)
    return text[:MOST_CHARACTERS]


def _place(found: re.Match[str]) -> str:
    """Return scheme, host and port: paths and user parts often hold API keys."""
    try:
        parts = urlsplit(found[0])
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{parts.hostname}{port}"


def _unless_readable(found: re.Match[str]) -> str:
    """Return a long word if it is an address or has no mix of letters and digits as keys have."""
    word = found[0]
    mixed = all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return word if _ADDRESS.fullmatch(word) or not mixed else HIDDEN
