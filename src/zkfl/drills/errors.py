"""What a drill refuses or finds."""

from zkfl.errors import ZkflError


class DrillError(ZkflError):
    """A drill could not be carried out: it says nothing about the product."""


class DrillFailedError(ZkflError):
    """The round did not end as an undisturbed one does."""
