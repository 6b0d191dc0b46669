"""What any party does about a round that does not go on by itself.

A model whose sum is known is shown on chain before a round is pushed: that ends the round, and
asks nobody for anything more.
"""

import time

from zkfl.artifacts import ArtifactError
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.registry import Registry
from zkfl.chain.states import Round, RoundStatus
from zkfl.common_ground import CommonGround
from zkfl.field import FieldError
from zkfl.model_opening import ModelOpeningError, open_model
from zkfl.model_vector import ModelMismatchError
from zkfl.needed_artifacts import lacking_models
from zkfl.turns import Look

_OPENABLE = {RoundStatus.CLOSED, RoundStatus.PUBLISHED, RoundStatus.REVEALING}
_NOT_NOW = {"DeadlineNotReached", "CohortComplete"}


def is_late(registry: Registry, state: Round) -> bool:
    """Tell whether the chain's latest block is after a round's deadline."""
    return registry.client.block_timestamp() > state.deadline


def move_late_round(
    registry: Registry, ground: CommonGround, round_id: int, state: Round
) -> Look | None:
    """Move a round on after a missed deadline; None if it cannot be moved on now.

    Parameters
    ----------
    registry
        Over a client that signs for anybody.
    ground
        To find the round's sum.
    round_id, state
        A round in progress.

    Raises
    ------
    ChainError
        A transaction failed for another reason than that somebody else was faster.
    """
    # A chain without transactions may have no block as late as now: its contract decides.
    if not is_late(registry, state) and time.time() <= state.deadline:
        return None
    complete = state.submissions == len(registry.cohort(round_id))
    if state.status is RoundStatus.OPEN and complete:
        registry.close_round(round_id)
        return Look(f"round {round_id} closed")
    try:
        return show_known_model(registry, ground, round_id, state) or _pushed(registry, round_id)
    except ContractRevertError as error:
        if error.name in _NOT_NOW:
            return None
        raise


def show_known_model(
    registry: Registry, ground: CommonGround, round_id: int, state: Round
) -> Look | None:
    """Make a round final by showing its model, if its sum is known; None if it is not."""
    if state.status not in _OPENABLE:
        return None
    try:
        open_model(registry, round_id, ground)
    except (ModelOpeningError, FieldError, ModelMismatchError):
        # what the chain names is no model of this round: the round is moved on without
        return None
    except ArtifactError:
        missing = lacking_models(registry, ground.store, [registry.model_hash()])
        if state.status is RoundStatus.REVEALING and missing:
            # the sum is on chain, and a push would throw it away
            return Look(None, f"the model before round {round_id}", missing)
        return None
    return Look(f"model of round {round_id} shown on chain")


def _pushed(registry: Registry, round_id: int) -> Look:
    registry.push_round(round_id)
    return Look(f"round {round_id} pushed after its deadline")
