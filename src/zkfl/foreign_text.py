"""Text that strangers wrote, made fit for a terminal."""

_SHOWN_CHARACTERS = 600


def foreign_text(text: str | bytes, limit: int = _SHOWN_CHARACTERS) -> str:
    r"""Return text without anything that moves a cursor, hides, or reorders.

    Control characters, bidirectional marks, line breaks and bytes that are no UTF-8 become
    ``\u{...}`` or ``\x..``; a backslash is doubled, so that nobody can write an escape.

    Parameters
    ----------
    text
        From a chain, a file or a peer.
    limit
        Characters that are shown; the rest is counted.
    """
    decoded = text.decode(errors="surrogateescape") if isinstance(text, bytes) else text
    shown = "".join(map(_visible, decoded[:limit]))
    more = len(decoded) - limit
    return f"{shown}… ({more} more characters)" if more > 0 else shown


def _visible(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    # what surrogateescape makes of a byte that is no UTF-8
    byte = code - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else f"\\u{{{code:x}}}"  # noqa: PLR2004
