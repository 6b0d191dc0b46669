"""What can be wrong with what a hospital brings."""

from zkfl.errors import ZkflError


class ConnectorError(ZkflError):
    """An import cannot be done as asked."""


class RefusedFileError(ConnectorError):
    """One file, image or patient is left out of an import.

    Parameters
    ----------
    reason
        A short word for the report, which must not carry a value.
    message
        For whoever runs the import.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PseudonymKeyError(ZkflError):
    """The key of a site's pseudonyms is missing, damaged, or would be overwritten."""
