"""Folders that appear with all that belongs in them, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zkfl.folders import FolderError, make_folder


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an unfinished folder of mode 0700, which gets its name when nothing was raised.

    Raises
    ------
    FolderError
        The name is in use by anything but an empty folder, or the folder cannot be made.
    """
    _require_free(folder)
    make_folder(folder.parent)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        yield unfinished
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _require_free(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise FolderError(f"{folder} is there already: name a new folder")
