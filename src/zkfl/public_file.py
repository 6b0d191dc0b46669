"""Files that others may have put there: read without waiting and without limitless memory."""

import os
import stat
from pathlib import Path

from zkfl.errors import ZkflError

# A pipe would keep the reader waiting for ever for somebody who writes to it.
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class PublicFileError(ZkflError):
    """A file in a shared folder cannot be read."""


class PublicFileTooLargeError(PublicFileError):
    """A file in a shared folder is larger than anything of its kind may be."""


def read_public_file(path: Path, limit: int) -> bytes:
    """Read a file that anybody may have written.

    Parameters
    ----------
    path
        The file.
    limit
        Largest size in bytes; at most one byte more is read, however the file grows.

    Raises
    ------
    PublicFileTooLargeError
        It is larger.
    PublicFileError
        It is missing, unreadable or no regular file.
    """
    try:
        content = _bounded_content(path, limit)
    except OSError as error:
        raise PublicFileError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > limit:
        raise PublicFileTooLargeError(
            f"{path} is larger than {limit} bytes: it is not what it should be"
        )
    return content


def _bounded_content(path: Path, limit: int) -> bytes:
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        # The check is on the open file: a path could be swapped between check and read.
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            kind = "Is a directory" if stat.S_ISDIR(mode) else "it is not a regular file"
            raise PublicFileError(f"{path} cannot be read: {kind}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1)
    finally:
        os.close(descriptor)
