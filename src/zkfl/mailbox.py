"""Named pointers to artefacts that are on no chain: the encrypted sum and the opened sum.

A pointer proves nothing. Whoever follows one checks the artefact behind it.
"""

import re
from pathlib import Path

from zkfl.artifacts import DIGEST_BYTES
from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError

_DIGEST = re.compile(r"[0-9a-f]{64}")
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
            It is no digest, or no such pointer exists.
        """
        if len(digest) != DIGEST_BYTES:
            raise MailboxError(f"a SHA-256 has {DIGEST_BYTES} bytes, got {len(digest)}")
        write_atomically(self._path(round_id, name), digest.hex().encode(), mode=0o644)

    def get(self, round_id: int, name: str) -> bytes:
        """Return the SHA-256 (32 bytes) that a name of a round points to.

        Raises
        ------
        MailboxError
            Nothing was put there, or it is no digest.
        """
        path = self._path(round_id, name)
        try:
            with path.open("rb") as file:
                text = file.read(65).decode("ascii", errors="replace")
        except OSError as error:
            raise MailboxError(
                f"round {round_id} has no {name} yet ({path}): the party that makes it has not "
                "come to that step"
            ) from error
        if not _DIGEST.fullmatch(text):
            raise MailboxError(f"{path} holds {text!r}, not the 64 hex digits of a SHA-256")
        return bytes.fromhex(text)

    def _path(self, round_id: int, name: str) -> Path:
        if round_id < 1 or not _NAME.fullmatch(name):
            raise MailboxError(f"no such pointer: round {round_id}, {name!r}")
        return self._folder / str(round_id) / name
