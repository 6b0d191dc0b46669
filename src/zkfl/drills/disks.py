"""Full and read-only folders: real file systems, mounted in a namespace of the drill's own.

Needs the right to mount. The namespace ends with the drill, and its mounts with it.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from zkfl.drills.errors import DrillError

_CLONE_NEWNS = 0x00020000
"""unshare(2)."""
_DISK = "64m"
Release = Callable[[], None]
"""Makes the folder writable again."""


def may_mount() -> bool:
    """Enter a mount namespace of this process's own; False without the right to.

    To be called before any other process is started: they are to see the same mounts.
    """
    if ctypes.CDLL(None).unshare(_CLONE_NEWNS) != 0:
        return False
    done = subprocess.run(["/bin/mount", "--make-rprivate", "/"], capture_output=True, check=False)
    return done.returncode == 0


def fill(folder: Path, room: int) -> Release:
    """Put a folder on a disk of its own that has ``room`` bytes left."""
    aside = folder.with_name(f"{folder.name}.aside")
    mode = folder.stat().st_mode & 0o777
    folder.rename(aside)
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={_DISK},mode={mode:o}", "tmpfs", str(folder))
    shutil.copytree(aside, folder, dirs_exist_ok=True)
    folder.chmod(mode)
    ballast = folder / ".ballast"
    free = os.statvfs(folder)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - room)
    return ballast.unlink


def freeze(folder: Path) -> Release:
    """Make a folder read-only, for root too."""
    _mount("--bind", str(folder), str(folder))
    _mount("-o", "remount,ro,bind", str(folder))
    return lambda: unmount(folder)


def unmount(folder: Path) -> None:
    """Take a mount away, if there is one, whoever still has files open in it."""
    # os.path.ismount does not see that a folder is bound to itself.
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    if str(folder) in {line.split()[4] for line in mounts}:
        subprocess.run(["/bin/umount", "-l", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    done = subprocess.run(["/bin/mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DrillError(f"mount {' '.join(arguments)} failed: {done.stderr.strip()}")
