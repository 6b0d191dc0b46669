"""What keeps a public data set from being loaded or cut into hospitals."""

from zkfl.errors import ZkflError


class DatasetError(ZkflError):
    """A data set is absent, altered, or cannot be cut as asked."""
