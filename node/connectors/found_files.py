"""Files below a folder, in an order that does not depend on the file system."""

import os
from collections.abc import Iterator
from pathlib import Path

from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.images.image_set import MAX_IMAGES


def files_below(folder: Path) -> list[Path]:
    """Return the regular files of a folder and those in it; links are not followed.

    Raises
    ------
    ConnectorError
        It is no folder, cannot be read, holds no file, or more than an image set may.
    """
    if not folder.is_dir():
        raise ConnectorError(f"{folder} is no folder: name the one that holds the images")
    files = []
    for path in _walk(folder):
        files.append(path)
        if len(files) > MAX_IMAGES:
            raise ConnectorError(f"{folder} holds more than {MAX_IMAGES} files: import it in parts")
    if not files:
        raise ConnectorError(f"{folder} holds no file")
    return sorted(files)


def _walk(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise ConnectorError(f"{folder} cannot be read: {error.strerror}") from error

    for place, _, names in os.walk(folder, onerror=fail):
        for name in names:
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                yield path
