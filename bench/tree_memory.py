"""Peak memory of a process and all its descendants together, by looking again and again."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROC = Path("/proc")
_SECONDS_BETWEEN_LOOKS = 0.1
_PARENT, _RESIDENT_PAGES = 1, 21
"""Fields of ``/proc/<pid>/stat`` after the program's name (proc(5), fields 4 and 24)."""


class TreePeak:
    """The largest sum of resident memory seen so far, bytes; 0 without ``/proc``."""

    def __init__(self) -> None:
        self.bytes = 0

    def look(self) -> None:
        """Add up the present memory of this process and its descendants."""
        parents, resident = _processes()
        family: set[int] = set()
        found = {os.getpid()}
        while found:
            family |= found
            found = {process for process, parent in parents.items() if parent in found} - family
        self.bytes = max(self.bytes, sum(resident.get(process, 0) for process in family))


@contextmanager
def tree_peak() -> Iterator[TreePeak]:
    """Watch while a block runs; memory shared between processes counts once for each."""
    peak, done = TreePeak(), threading.Event()

    def watch() -> None:
        while not done.wait(_SECONDS_BETWEEN_LOOKS):
            peak.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def _processes() -> tuple[dict[int, int], dict[int, int]]:
    """Return the parent, and the resident bytes, of every process."""
    parents, resident = {}, {}
    page = os.sysconf("SC_PAGE_SIZE")
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended between the listing and the look
        process = int(stat.parent.name)
        parents[process] = int(fields[_PARENT])
        resident[process] = int(fields[_RESIDENT_PAGES]) * page
    return parents, resident
