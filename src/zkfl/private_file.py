"""Files that only their owner may read."""

import os
import stat
from pathlib import Path

from zkfl.errors import ZkflError

_GROUP_OR_WORLD = 0o077
DEFAULT_LIMIT = 65_536


class PrivateFileError(ZkflError):
    """A file that should be private is missing, unsafe or too large."""


def read_private_file(path: Path, limit: int = DEFAULT_LIMIT) -> bytes:
    """Read a file after checking that nobody else can.

    Parameters
    ----------
    path
        The file.
    limit
        Largest size in bytes.

    Raises
    ------
    PrivateFileError
        It is missing, no regular file, too large, owned by another user, or readable by
        group or world.
    """
    try:
        # The checks are on the open file: a path could be swapped between check and read.
        with path.open("rb") as file:
            _require_private(path, os.fstat(file.fileno()))
            content = file.read(limit + 1)
    except OSError as error:
        raise PrivateFileError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > limit:
        raise PrivateFileError(f"{path} is larger than {limit} bytes: it is not what it should be")
    return content


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise PrivateFileError(f"{path} is not a regular file")
    if status.st_uid not in {os.geteuid(), 0}:
        raise PrivateFileError(f"{path} belongs to user {status.st_uid}: it must be yours")
    mode = stat.S_IMODE(status.st_mode)
    if mode & _GROUP_OR_WORLD:
        raise PrivateFileError(
            f"{path} has mode {mode:04o}: others can reach it. Run chmod 600 on it, and "
            "replace what it holds if the machine is shared"
        )
