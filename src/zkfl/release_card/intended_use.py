"""What a model is meant for: the words that were given, or that there were none."""

from pathlib import Path
from typing import NamedTuple

from zkfl.public_file import PublicFileError, read_public_file
from zkfl.release_card.errors import IntendedUseError

FILE_NAME = "intended-use.txt"
"""Beside ``consortium.json``."""
_MAX_BYTES = 8_192
_DEFAULT = (
    "Research only. This model is no medical device: it is not for diagnosis, for triage or for "
    "decisions on the treatment of any patient. Whoever wrote this card gave no other use."
)


class IntendedUse(NamedTuple):
    """A text, and whether somebody gave it; by whom, nothing shows."""

    text: str
    given: bool


def intended_use(folder: Path, named: Path | None) -> IntendedUse:
    """Return what a file says, else what lies in the consortium's folder, else the default.

    Raises
    ------
    IntendedUseError
        The file is missing, too large, empty, or holds what a reader would not see as it is.
    """
    path = named or folder / FILE_NAME
    if named is None and not path.exists():
        return IntendedUse(_DEFAULT, given=False)
    try:
        text = read_public_file(path, _MAX_BYTES).decode()
    except PublicFileError as error:
        raise IntendedUseError(str(error)) from error
    except UnicodeDecodeError as error:
        raise IntendedUseError(f"{path} is no UTF-8 text: save it as UTF-8") from error
    return IntendedUse(_checked(text, path), given=True)


def _checked(text: str, path: Path) -> str:
    lines = text.replace("\r\n", "\n").strip().split("\n")
    for number, line in enumerate(lines, 1):
        hidden = next((character for character in line if not character.isprintable()), None)
        if hidden is not None:
            raise IntendedUseError(
                f"{path}, line {number} holds the character U+{ord(hidden):04X}, which does not "
                "show, moves a cursor or turns the direction of reading: take it out"
            )
    if not any(lines):
        raise IntendedUseError(f"{path} is empty: say what the model is for, or remove the file")
    return "\n".join(line.rstrip() for line in lines)
