"""Files that are either the old one or the new one, whenever the machine stops."""

import os
import tempfile
from pathlib import Path

from zkfl.folders import make_folder


def write_atomically(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file of the given mode through a temporary one in its folder.

    When this returns, the new content outlasts a loss of power.

    Raises
    ------
    FolderError
        Its folder cannot be made.
    OSError
        It cannot be written.
    """
    make_folder(path.parent)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Bring the new name itself to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
