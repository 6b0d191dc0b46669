"""What keeps a release card from being written."""

from zkfl.errors import ZkflError


class IntendedUseError(ZkflError):
    """The text on the intended use is not fit to be shown."""


class ReleaseCardError(ZkflError):
    """A card cannot be written of what the chain holds now."""
