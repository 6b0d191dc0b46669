"""What can be wrong with an image, or with a folder of images."""

from zkfl.errors import ZkflError


class ImageError(ZkflError):
    """A file is no image that may become part of an image set."""


class ImageSetError(ZkflError):
    """A folder is no image set, or must not be overwritten by one."""
