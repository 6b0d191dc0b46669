"""What keeps a study from being run, or from being believed."""

from zkfl.errors import ZkflError


class StudyError(ZkflError):
    """A step of a study cannot be proven, or differs from what was proven."""
