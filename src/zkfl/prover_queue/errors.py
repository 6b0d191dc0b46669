"""What goes wrong between a node, the hospital's queue of proofs, and its workers."""

from zkfl.errors import ZkflError


class MachineCertificateError(ZkflError):
    """A certificate or its key is missing, malformed or out of date."""


class ProverFolderError(ZkflError):
    """The folder of a queue, a worker or a node's certificate is missing, or open to others."""


class ProverQueueError(ZkflError):
    """The hospital's queue brought no proof."""


class QueueUnreachableError(ProverQueueError):
    """The queue does not answer."""


class QueueRefusedError(ProverQueueError):
    """The queue refused a request, or either side the other's certificate.

    Attributes
    ----------
    status
        Of HTTP; 0 where the connection itself was refused.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class CircuitMismatchError(ProverQueueError):
    """A worker's circuit of that name is not the node's."""


class ReturnedProofError(ProverQueueError):
    """A proof that came back is not one of the node's own statement."""
