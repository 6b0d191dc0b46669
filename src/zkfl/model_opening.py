"""Making a round final by showing its model on chain, when the quorum or a sum is missing.

What opens C(G') is in the open once the cohort has revealed its masked updates, or once the
key holder has opened the sum: anybody can then end the round, and nobody can end it with
another model.
"""

from collections.abc import Iterator
from contextlib import suppress

from zkfl.artifacts import ArtifactError
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, Round, RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.common_ground import CommonGround
from zkfl.curve import G1Point, ProgressCallback, subtract
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS, FieldError, vector_from_bytes, vector_to_bytes
from zkfl.model_vector import ModelMismatchError, found_model, model_hash_before
from zkfl.next_model import SumDoesNotOpenError, next_model
from zkfl.vector_opening import open_vector


class ModelOpeningError(ZkflError):
    """A round's model cannot be shown yet, or not any more."""


def open_model(
    registry: Registry,
    round_id: int,
    ground: CommonGround,
    on_progress: ProgressCallback | None = None,
) -> TxResult | None:
    """Show G' on chain, and keep its file; None if the round is final with a file that opens.

    A final round whose quorum vouched for a wrong file gets the right one.

    Parameters
    ----------
    registry
        Over a client that signs for anybody.
    round_id
        A closed, published, revealing or final round whose sum is known.
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
    if state.status is RoundStatus.FINAL and _is_known(registry, state, ground):
        return None
    opened = _opened(registry, round_id, state, ground)
    commitment = subtract(state.model_after, ground.committer.zero)
    quotient = open_vector(ground.committer.srs, commitment, opened, on_progress)
    ground.store.put(vector_to_bytes(opened))
    return registry.open_model(round_id, opened, quotient)


def _is_known(registry: Registry, state: Round, ground: CommonGround) -> bool:
    """Tell whether a final round's file is to be had and opens its model."""
    try:
        _found(registry, state.model_hash, state.model_after, ground)
    except (ArtifactError, FieldError, ModelMismatchError):
        return False
    return True


def _found(registry: Registry, digest: bytes, expected: G1Point, ground: CommonGround) -> list[int]:
    length = ground.spec.model_length
    return found_model(registry, ground.store, ground.committer, digest, length, expected)


def _opened(registry: Registry, round_id: int, state: Round, ground: CommonGround) -> list[int]:
    """Return G' from the sum that the key holder stated, or else from the reveals."""
    model = _model_before(registry, round_id, state, ground)
    for total in _known_sums(registry, round_id, state, ground):
        try:
            return next_model(model, total, ground.committer, state.model_after)
        except SumDoesNotOpenError:
            continue
    raise ModelOpeningError(
        f"round {round_id} is {state.status.name}, and no sum is known that opens its new "
        "model: nobody has opened it yet, or the key holder stated another; zkfl status shows "
        "what it waits for, and after the deadline zkfl push demands reveals"
    )


def _model_before(
    registry: Registry, round_id: int, state: Round, ground: CommonGround
) -> list[int]:
    """Return G, the model of the last final round before this one."""
    return _found(registry, model_hash_before(registry, round_id), state.model_before, ground)


def _known_sums(
    registry: Registry, round_id: int, state: Round, ground: CommonGround
) -> Iterator[list[int]]:
    if state.sum_hash != UNSTATED:
        with suppress(ArtifactError, FieldError):
            yield vector_from_bytes(ground.store.get(state.sum_hash), ground.spec.model_length)
    if state.status is RoundStatus.REVEALING:
        yield _revealed_sum(registry, round_id)


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
