"""Making a round final by showing its model on chain, when the quorum or a sum is missing.

What opens C(G') is in the open once the cohort has revealed its masked updates, or once the
key holder has opened the sum: anybody can then end the round, and nobody can end it with
another model.
"""

from zkfl.artifacts import ArtifactError
from zkfl.chain.registry import Registry
from zkfl.chain.states import Round, RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.common_ground import CommonGround
from zkfl.curve import ProgressCallback, subtract
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS, FieldError, vector_from_bytes, vector_to_bytes
from zkfl.model_vector import current_model
from zkfl.vector_opening import open_vector

_NOTHING = bytes(32)
_WAITING = {RoundStatus.CLOSED, RoundStatus.PUBLISHED, RoundStatus.REVEALING}


class ModelOpeningError(ZkflError):
    """A round's model cannot be shown yet, or not any more."""


def open_model(
    registry: Registry,
    round_id: int,
    ground: CommonGround,
    on_progress: ProgressCallback | None = None,
) -> TxResult | None:
    """Show G' on chain, and keep its file; None if the round is final.

    Parameters
    ----------
    registry
        Over a client that signs for anybody.
    round_id
        A closed, published or revealing round whose sum is known.
    ground
        To find the sum, and to keep the model.
    on_progress
        Of the opening: points done and points in all.

    Raises
    ------
    ModelOpeningError
        The round has no sum that anybody could know, or the known one does not open C(G').
    """
    state = registry.round(round_id)
    if state.status is RoundStatus.FINAL:
        return None
    length = ground.spec.model_length
    model = current_model(registry, ground.store, ground.committer, length)
    opened = _opened(registry, round_id, state, model, ground)
    commitment = subtract(state.model_after, ground.committer.zero)
    quotient = open_vector(ground.committer.srs, commitment, opened, on_progress)
    ground.store.put(vector_to_bytes(opened))
    return registry.open_model(round_id, opened, quotient)


def _opened(
    registry: Registry, round_id: int, state: Round, model: list[int], ground: CommonGround
) -> list[int]:
    """Return G' from the sum that the key holder stated, or else from the reveals."""
    stated = _stated_sum(state, ground)
    if stated is not None:
        opened = _moved(model, stated)
        if ground.committer.commit(opened) == state.model_after:
            return opened
    if state.status is not RoundStatus.REVEALING:
        raise ModelOpeningError(
            f"round {round_id} is {state.status.name}, and no sum is known that opens its new "
            "model: nobody has opened it yet, or the key holder stated another; zkfl status shows "
            "what it waits for, and after the deadline zkfl push demands reveals"
        )
    opened = _moved(model, _revealed_sum(registry, round_id))
    if ground.committer.commit(opened) != state.model_after:
        raise ModelOpeningError(
            f"what was revealed in round {round_id} does not open its new model "
            f"{tuple(state.model_after)}, though the contract checked it: the endpoint lies"
        )
    return opened


def _stated_sum(state: Round, ground: CommonGround) -> list[int] | None:
    """Return what the key holder stated, if anything and if its file is to be had."""
    if state.status not in _WAITING or state.sum_hash == _NOTHING:
        return None
    try:
        return vector_from_bytes(ground.store.get(state.sum_hash), ground.spec.model_length)
    except (ArtifactError, FieldError):
        return None


def _moved(model: list[int], total: list[int]) -> list[int]:
    return [(g + s) % SCALAR_MODULUS for g, s in zip(model, total, strict=True)]


def _revealed_sum(registry: Registry, round_id: int) -> list[int]:
    """Return ``S = sum_i y_i mod p``: the masks cancel, as the contract has checked."""
    cohort = set(registry.cohort(round_id))
    revealed = {
        event.values["member"]: event.values["masked"]
        for event in registry.events(names=["UpdateRevealed"])
        if event.values["roundId"] == round_id
    }
    missing = cohort - revealed.keys()
    if missing:
        raise ModelOpeningError(
            f"{len(missing)} of {len(cohort)} members have not revealed their update in round "
            f"{round_id}: {', '.join(sorted(missing))}"
        )
    return [sum(column) % SCALAR_MODULUS for column in zip(*revealed.values(), strict=True)]
