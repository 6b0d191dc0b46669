"""How many hospitals may prove at once on this machine."""

import os

BYTES_EACH = 1_000_000_000
"""Of memory that a proof of up to 2^16 rows takes at most; see bench/README.md."""
_LOGROWS = 16


def default_workers(logrows: int = _LOGROWS) -> int:
    """Return one worker a core, fewer where memory would not hold that many proofs.

    Parameters
    ----------
    logrows
        Of the circuits: memory doubles with the rows.
    """
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(os.cpu_count() or 1, free // bytes_each(logrows)))


def bytes_each(logrows: int) -> int:
    """Return the memory that is set aside for a proof of ``2^logrows`` rows."""
    return BYTES_EACH << max(0, logrows - _LOGROWS)
