"""SRS files given by path: checked in full once a machine, remembered by their hash."""

from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.cache import cache_folder
from zkfl.curve import ProgressCallback
from zkfl.srs.check import check_srs
from zkfl.srs.file import SrsFile


def checked_srs(path: Path, on_progress: ProgressCallback | None = None) -> SrsFile:
    """Open an SRS file, after the full check unless these very bytes passed it before.

    Parameters
    ----------
    path
        The file.
    on_progress
        Of the check: points done and points in all.

    Raises
    ------
    SrsError
        The file is malformed, or its points do not belong together.
    """
    srs = SrsFile(path)
    marker = cache_folder() / "srs" / f"checked-{srs.sha256().hex()}"
    if not marker.exists():
        check_srs(srs, on_progress)
        write_atomically(marker, b"")
    return srs
