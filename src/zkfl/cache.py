"""Where built circuits, SRS files and compiled contracts are kept between runs."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return ``ZKFL_CACHE``, or ``zkfl`` in the user's cache folder."""
    given = os.environ.get("ZKFL_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "zkfl"
