"""How many hospitals may prove at once on this machine."""

import os

BYTES_EACH = 1_000_000_000
"""Of memory that a proof of the demo's circuits takes at most; see bench/README.md."""


def default_workers() -> int:
    """Return one worker a core, fewer where memory would not hold that many proofs."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(os.cpu_count() or 1, free // BYTES_EACH))
