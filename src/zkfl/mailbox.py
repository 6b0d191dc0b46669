"""Named pointers to artefacts that are on no chain: the encrypted sum and the opened sum.

A pointer proves nothing. Whoever follows one checks the artefact behind it.
"""

import re
from pathlib import Path

from zkfl.artifacts import DIGEST_BYTES
from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.public_file import PublicFileError, PublicFileTooLargeError, read_public_file

_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIGITS = 2 * DIGEST_BYTES
_NAME = re.compile(r"[a-z][a-z-]{0,31}")
ENCRYPTED_SUM = "encrypted-sum"
OPENED_SUM = "opened-sum"


class MailboxError(ZkflError):
    """A pointer is missing or malformed."""


class Mailbox:
    """Pointers of each round, one small file each, in a folder that the parties share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, round_id: int, name: str, digest: bytes) -> None:
        """Let a name of a round point to an artefact (SHA-256, 32 bytes).

        Raises
        ------
        MailboxError
            It is no digest, no such pointer exists, or the folder takes no such file.
        """
        if len(digest) != DIGEST_BYTES:
            raise MailboxError(f"a SHA-256 has {DIGEST_BYTES} bytes, got {len(digest)}")
        path = self._path(round_id, name)
        try:
            write_atomically(path, digest.hex().encode(), mode=0o644)
        except OSError as error:
            raise MailboxError(
                f"{path} cannot be written: {error.strerror}. Remove what is in its place, or make "
                "room, and try again"
            ) from error

    def get(self, round_id: int, name: str) -> bytes:
        """Return the SHA-256 (32 bytes) that a name of a round points to.

        Raises
        ------
        MailboxError
            Nothing was put there, or it is no digest.
        """
        path = self._path(round_id, name)
        try:
            text = read_public_file(path, _DIGITS).decode("ascii", errors="replace")
        except PublicFileTooLargeError as error:
            raise MailboxError(f"{error}, not the {_DIGITS} hex digits of a SHA-256") from error
        except PublicFileError as error:
            raise MailboxError(
                f"round {round_id} has no {name} yet ({error}): the party that makes it has not "
                "come to that step"
            ) from error
        if not _DIGEST.fullmatch(text):
            raise MailboxError(f"{path} holds {text!r}, not the {_DIGITS} hex digits of a SHA-256")
        return bytes.fromhex(text)

    def _path(self, round_id: int, name: str) -> Path:
        if round_id < 1 or not _NAME.fullmatch(name):
            raise MailboxError(f"no such pointer: round {round_id}, {name!r}")
        return self._folder / str(round_id) / name
