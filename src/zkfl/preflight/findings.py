"""What a look found: in order, not quite, not; and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from zkfl.errors import ZkflError


class Level(StrEnum):
    """How a look ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of a report.

    Attributes
    ----------
    name
        What was looked at.
    level
        How it is.
    detail
        What was seen.
    remedy
        What to do; empty where nothing is to be done, or where the detail says it.
    """

    name: str
    level: Level
    detail: str
    remedy: str = ""


Look = Callable[[], Finding | str]
"""Returns a finding, or only what it saw if all is well; a refusal is a failure."""


def found(name: str, look: Look) -> Finding:
    """Look at one thing; what zkfl or the system refuses is a failure of that thing alone."""
    try:
        seen = look()
    except (ZkflError, OSError) as error:
        return Finding(name, Level.FAIL, str(error))
    return Finding(name, Level.OK, seen) if isinstance(seen, str) else seen


def worst(findings: list[Finding]) -> Level:
    """Return the level of a whole report."""
    levels = {finding.level for finding in findings}
    return next((level for level in (Level.FAIL, Level.WARN) if level in levels), Level.OK)
