"""What keeps a model from being exported, or a model file from being run."""

from zkfl.errors import ZkflError


class ModelExportError(ZkflError):
    """Parameters that cannot become a model file."""


class ModelFileError(ZkflError):
    """A model file that is not one of zkfl's, or not safe to run."""
