"""What can be wrong with a structured reference string."""

from zkfl.errors import ZkflError


class SrsError(ZkflError):
    """A structured reference string is unusable."""


class SrsFormatError(SrsError):
    """A file is no EZKL SRS: wrong size, header or encoding."""


class SrsPointError(SrsError):
    """An SRS holds a point that is infinity or not on the curve."""


class SrsGeneratorError(SrsError):
    """An SRS does not start from the standard generators."""


class SrsPowersError(SrsError):
    """The points ``g`` are not the powers of the secret in ``s_g2``."""


class SrsLagrangeError(SrsError):
    """The Lagrange points do not belong to the powers."""


class PtauError(SrsError):
    """A ``.ptau`` file cannot be converted."""
