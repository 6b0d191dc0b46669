"""What a proof needs of a machine: memory and room on the disk."""

import os
import shutil
from pathlib import Path

from zkfl.preflight.findings import Finding, Level

PROVER_BYTES = 1_000_000_000
"""Memory that a proof of the shipped circuits takes at most; see bench/README.md."""
LEAST_DISK_BYTES = 200_000_000
"""A witness, a proof and a round's files."""
ROOMY_DISK_BYTES = 2_000_000_000
"""Keys of several circuits, and rounds to come."""
_MEGA = 1_000_000
_MEMINFO = Path("/proc/meminfo")


def memory_for_prover() -> Finding:
    """Tell whether a proof fits into memory now."""
    free = available_memory()
    detail = f"{free // _MEGA:,} MB available, a proof takes up to {PROVER_BYTES // _MEGA:,} MB"
    if free >= PROVER_BYTES:
        return Finding("memory", Level.OK, detail)
    level = Level.WARN if 2 * free >= PROVER_BYTES else Level.FAIL
    return Finding("memory", level, detail, "end other programs, or add memory")


def disk_for(name: str, folder: Path) -> Finding:
    """Tell whether there is room where a folder is, or will be."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{free // _MEGA:,} MB free at {existing}"
    if free >= ROOMY_DISK_BYTES:
        return Finding(name, Level.OK, detail)
    level = Level.WARN if free >= LEAST_DISK_BYTES else Level.FAIL
    wanted = f"free space until there are {ROOMY_DISK_BYTES // _MEGA:,} MB"
    return Finding(name, level, detail, wanted)


def available_memory() -> int:
    """Return the bytes that programs can get without swapping."""
    if _MEMINFO.exists():
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
