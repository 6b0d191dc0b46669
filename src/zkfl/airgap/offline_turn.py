"""A hospital's turn on a bundle: the steps of every other node, signed and not sent."""

from collections.abc import Callable
from dataclasses import dataclass

from zkfl.airgap.airgapped_site import AirgappedSite, Handed
from zkfl.airgap.answering import AnsweringProvider
from zkfl.airgap.errors import AwaitsChainError, UnansweredReadError
from zkfl.chain.fees import FeeLimits
from zkfl.chain.registry import Registry
from zkfl.turns import Turn


@dataclass(frozen=True)
class OfflineTurn:
    """A turn and the bundle that it led to.

    Attributes
    ----------
    turn
        What was done, and what is waited for.
    unanswered
        How many questions the relay's bundle did not answer; the turn ended at the first.
    """

    turn: Turn
    handed: Handed
    unanswered: int


def take_offline_turn(
    site: AirgappedSite, fee_limits: FeeLimits, take: Callable[[Registry], Turn]
) -> OfflineTurn:
    """Take a turn on the last bundle and seal what it led to.

    Parameters
    ----------
    site
        The hospital's side of the gap.
    fee_limits
        The most that a transaction may offer.
    take
        Opens the node over the registry and takes its turn.

    Raises
    ------
    BundleNotReadyError
        There is no bundle to work on.
    ZkflError
        As the turn; what was signed before is found again.
    """
    registry, provider = site.open_registry(fee_limits)
    turn = _taken(registry, provider, take)
    handed = site.hand_out(registry, provider.unanswered, turn.missing)
    return OfflineTurn(turn, handed, len(provider.unanswered))


def _taken(
    registry: Registry, provider: AnsweringProvider, take: Callable[[Registry], Turn]
) -> Turn:
    try:
        return take(registry)
    except AwaitsChainError:
        return Turn((), "the relay to bring what was signed to the chain")
    except UnansweredReadError as error:
        if not provider.unanswered:
            raise
        return Turn((), str(error))
