"""What can be wrong in a powers-of-tau ceremony."""

from zkfl.srs.errors import SrsError


class CeremonyError(SrsError):
    """A step of a ceremony cannot be taken."""


class SnarkjsError(CeremonyError):
    """The program snarkjs is missing, fails, or does not say what it says on success."""


class TranscriptFileError(CeremonyError):
    """A file of the transcript is missing, or has another form than the ceremony's."""


class HistoryError(CeremonyError):
    """A file's history of contributions is not the one on chain."""


class BeaconError(CeremonyError):
    """A file's beacon is not the chain's, or there is none yet."""


class TurnError(CeremonyError):
    """It is not the time, or not this account's turn, for the step."""


class AgreementError(CeremonyError):
    """``ceremony.json`` is unusable, or the contract is not the agreed one."""


class ResultError(CeremonyError):
    """The result differs from what others computed."""
