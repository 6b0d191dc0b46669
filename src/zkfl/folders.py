"""Folders that a file is to be written to."""

from pathlib import Path

from zkfl.errors import ZkflError


class FolderError(ZkflError):
    """A folder cannot be made."""


def make_folder(path: Path) -> None:
    """Make a folder and those above it, unless they are there.

    Raises
    ------
    FolderError
        One of them cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderError(
            f"the folder {path} cannot be made ({error.strerror}): name one in a place of yours"
        ) from error
