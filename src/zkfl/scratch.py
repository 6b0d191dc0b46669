"""Folders for what lies in the clear while a proof is made, and no longer."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from zkfl.errors import ZkflError

_FOLDER_MODE = 0o700


class ScratchError(ZkflError):
    """What an earlier run left in the clear cannot be deleted."""


def fresh_scratch(scratch: Path) -> Path:
    """Return an empty folder for this run, and delete those of runs that were killed.

    Folders of runs that still go on are locked, and stay.

    Parameters
    ----------
    scratch
        Holds the folders of all runs; made if missing.

    Raises
    ------
    ScratchError
        What a killed run left cannot be deleted.
    """
    scratch.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    for left in scratch.iterdir():
        _delete_unless_locked(left)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=scratch))
    # Held until this process ends, however it ends.
    fcntl.flock(os.open(folder, os.O_RDONLY | os.O_CLOEXEC), fcntl.LOCK_EX)
    return folder


def _delete_unless_locked(left: Path) -> None:
    try:
        descriptor = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        # another process deletes it, too
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left)
    except BlockingIOError:
        return
    except OSError as error:
        raise ScratchError(
            f"{left} holds records in the clear and cannot be deleted ({error.strerror}): delete it"
        ) from error
    finally:
        os.close(descriptor)
