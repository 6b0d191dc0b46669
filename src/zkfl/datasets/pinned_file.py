"""Files of public data: their bytes are pinned by SHA-256 before anything parses them."""

import hashlib
import os
from pathlib import Path

from zkfl.datasets.errors import DatasetError

DATA_DIR_VARIABLE = "ZKFL_DATA_DIR"


def given_folder(data_dir: Path | None) -> Path | None:
    """Return the folder given, else that of ``ZKFL_DATA_DIR``, else None."""
    named = os.environ.get(DATA_DIR_VARIABLE)
    return data_dir or (Path(named) if named else None)


def pinned_bytes(path: Path, sha256: str, where_to_get_it: str) -> bytes:
    """Read a file whose bytes are known.

    Parameters
    ----------
    path
        The local copy.
    sha256
        Of the published file, in hex.
    where_to_get_it
        Ends the message of an error.

    Raises
    ------
    DatasetError
        The file cannot be read, or holds other bytes.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error}): {where_to_get_it}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise DatasetError(
            f"{path} has SHA-256 {digest}, expected {sha256}: the file was altered or is another "
            f"version; {where_to_get_it}"
        )
    return content
