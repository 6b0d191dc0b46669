"""What can go wrong between a node without network and its relay."""

from zkfl.chain.errors import RpcError
from zkfl.errors import ZkflError


class BundleFileError(ZkflError):
    """A file is no bundle: it is truncated, too large, or has another form."""


class BundleRefusedError(ZkflError):
    """A bundle is well-formed and not to be used: forged, old, or meant for somebody else."""


class BundleNotReadyError(ZkflError):
    """A side of the gap is not set up, or has nothing to work on yet."""


class UnansweredReadError(RpcError):
    """The node asked the chain for something that its bundle does not answer."""


class AwaitsChainError(ZkflError):
    """A step is signed already, and what follows it needs its receipt."""
