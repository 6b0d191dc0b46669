"""Where a SuperLink is, and how one knows that it is the right one."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LinkAddress:
    """A SuperLink: ``host:port``, and the file of the authority that signed its certificate."""

    address: str
    authority: Path
