"""A setup nobody has to trust: hospitals make an SRS together, and one honest one suffices."""

from zkfl.srs.ceremony.agreement import Agreement, load_agreement, save_agreement
from zkfl.srs.ceremony.ceremony import Ceremony
from zkfl.srs.ceremony.log import CeremonyLog, CeremonyState, Phase, deploy_log

__all__ = [
    "Agreement",
    "Ceremony",
    "CeremonyLog",
    "CeremonyState",
    "Phase",
    "deploy_log",
    "load_agreement",
    "save_agreement",
]
