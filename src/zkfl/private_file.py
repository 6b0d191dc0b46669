"""Files that only their owner may read."""

import errno
import os
import stat
from pathlib import Path

from zkfl.errors import ZkflError

_GROUP_OR_WORLD = 0o077
# A link could lead to a file that others write; a pipe would keep the reader waiting for ever.
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
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
        It is missing, a symbolic link, no regular file, too large, owned by another user, or
        readable by group or world.
    """
    try:
        content = _checked_content(path, limit)
    except OSError as error:
        raise PrivateFileError(f"{path} cannot be read: {_reason(error)}") from error
    if len(content) > limit:
        raise PrivateFileError(f"{path} is larger than {limit} bytes: it is not what it should be")
    return content


def _checked_content(path: Path, limit: int) -> bytes:
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        # The checks are on the open file: a path could be swapped between check and read.
        _require_private(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "it is a symbolic link; put the file itself there"
    return str(error.strerror)


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise PrivateFileError(f"{path} cannot be read: it is not a regular file")
    if status.st_uid not in {os.geteuid(), 0}:
        raise PrivateFileError(f"{path} belongs to user {status.st_uid}: it must be yours")
    mode = stat.S_IMODE(status.st_mode)
    if mode & _GROUP_OR_WORLD:
        raise PrivateFileError(
            f"{path} has mode {mode:04o}: others can reach it. Run chmod 600 on it, and "
            "replace what it holds if the machine is shared"
        )
