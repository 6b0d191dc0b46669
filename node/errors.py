"""Why a hospital does not take a step of the protocol."""

from zkfl.errors import ZkflError


class HospitalError(ZkflError):
    """A step of the protocol cannot be taken by this hospital now."""


class OvertakenError(HospitalError):
    """The round has left the state in which the step was chosen: look at the chain again."""


class SitOutError(HospitalError):
    """The folder does not hold what this node made for the round, which has to do without it."""


class ChainChangedError(HospitalError):
    """The endpoint shows another chain than when this process began."""
