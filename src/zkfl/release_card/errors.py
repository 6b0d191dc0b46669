"""What keeps a release card from being written."""

from zkfl.errors import ZkflError


class IntendedUseError(ZkflError):
    """The text on the intended use is not fit to be shown."""


class CardFileError(ZkflError):
    """A model and its card cannot be written under the name that was given."""


class ReleaseCardError(ZkflError):
    """A card cannot be written of what the chain holds now."""
