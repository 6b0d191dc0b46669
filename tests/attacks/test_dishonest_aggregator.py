"""Whatever the aggregator does with the sum, only its true opening is acknowledged."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from zkfl.aggregator.publication import SumDoesNotOpenError
from zkfl.chain.states import FailureReason, RoundStatus
from zkfl.field import SCALAR_MODULUS, vector_from_bytes, vector_to_bytes
from zkfl.mailbox import ENCRYPTED_SUM, OPENED_SUM
from zkfl.model_vector import ModelMismatchError
from zkfl.node.key_holder import SumRefusedError

if TYPE_CHECKING:
    from conftest import Arena

WINDOW = 3_600


@pytest.fixture
def closed(arena: "Arena") -> "Arena":
    arena.submit_all()
    arena.coordinator.close_round(1)
    return arena


@pytest.fixture
def opened(closed: "Arena") -> "Arena":
    closed.coordinator.sum_updates(1)
    closed.nodes["ada"].open_sum(1)
    return closed


def true_sum(arena: "Arena") -> list[int]:
    digest = arena.ground.mailbox.get(1, OPENED_SUM)
    return vector_from_bytes(arena.ground.store.get(digest), arena.spec.model_length)


def fails(arena: "Arena", reason: FailureReason) -> None:
    arena.anvil.advance_time(WINDOW + 1)
    arena.outsider().fail_round(1)
    arena.require_failed(reason)


def reweighted(arena: "Arena") -> list[int]:
    """Give one hospital half its weight, as if the shares were the aggregator's to choose."""
    address = arena.nodes["bay"].address
    weight = arena.chain.participation(1, address).weight
    update = arena.honest_update("bay")
    pairs = zip(true_sum(arena), update, strict=True)
    return [(s - weight // 2 * u) % SCALAR_MODULUS for s, u in pairs]


def one_unit_more(arena: "Arena") -> list[int]:
    return [true_sum(arena)[0] + 1, *true_sum(arena)[1:]]


def other_blinders(arena: "Arena") -> list[int]:
    return [*true_sum(arena)[:-1], 0]


WRONG: list[Callable[["Arena"], list[int]]] = [reweighted, one_unit_more, other_blinders]


@pytest.mark.parametrize("wrong", WRONG)
def test_another_model_is_acknowledged_by_nobody(
    wrong: Callable[["Arena"], list[int]], opened: "Arena"
) -> None:
    """The first model is zero, so the published one is the wrong sum itself."""
    digest = opened.ground.store.put(vector_to_bytes(wrong(opened)))
    opened.aggregator.publish_model(1, digest, opened.ground.mailbox.get(1, OPENED_SUM))
    before = opened.storage_root()
    for node in opened.nodes.values():
        with pytest.raises(ModelMismatchError, match="published another model"):
            node.acknowledge(1)
    assert opened.storage_root() == before
    fails(opened, FailureReason.QUORUM_NOT_REACHED)


def test_a_wrong_model_can_be_replaced_by_the_true_one(opened: "Arena") -> None:
    wrong = opened.ground.store.put(vector_to_bytes(one_unit_more(opened)))
    sum_hash = opened.ground.mailbox.get(1, OPENED_SUM)
    opened.aggregator.publish_model(1, wrong, sum_hash)
    true = opened.ground.store.put(vector_to_bytes(true_sum(opened)))
    deadline = opened.chain.round(1).deadline
    opened.aggregator.publish_model(1, true, sum_hash)
    assert opened.chain.round(1).deadline == deadline
    for node in opened.nodes.values():
        node.acknowledge(1)
    assert opened.chain.model_hash() == true


def test_acknowledgements_of_two_files_are_not_added(opened: "Arena") -> None:
    """One member vouches for a wrong file, another for the true one: neither is a quorum."""
    wrong = opened.ground.store.put(vector_to_bytes(one_unit_more(opened)))
    sum_hash = opened.ground.mailbox.get(1, OPENED_SUM)
    opened.aggregator.publish_model(1, wrong, sum_hash)
    opened.nodes["bay"].registry.acknowledge(1, wrong)
    true = opened.ground.store.put(vector_to_bytes(true_sum(opened)))
    opened.aggregator.publish_model(1, true, sum_hash)
    opened.nodes["cay"].acknowledge(1)
    fails(opened, FailureReason.QUORUM_NOT_REACHED)


def test_a_dishonest_quorum_still_cannot_choose_the_model(opened: "Arena") -> None:
    """It can make the round final without a file, but C(G') is the contract's own."""
    expected = opened.chain.round(1).model_after
    opened.aggregator.publish_model(1, b"\7" * 32, b"\7" * 32)
    for name in ("ada", "bay"):
        opened.nodes[name].registry.acknowledge(1, b"\7" * 32)
    assert opened.chain.round(1).status is RoundStatus.FINAL
    assert opened.chain.model() == expected == opened.committer.commit(true_sum(opened))


@pytest.mark.parametrize(
    "chosen",
    [
        ("ada", "bay"),
        ("ada", "bay", "cay", "cay"),
        ("ada", "bay", "bay"),
        ("ada",),
    ],
)
def test_a_ciphertext_dropped_or_doubled(chosen: tuple[str, ...], closed: "Arena") -> None:
    """The key holder opens nothing but the sum over the whole cohort."""
    ground = closed.ground
    files = []
    for name in chosen:
        part = closed.chain.participation(1, closed.nodes[name].address)
        files.append(ground.store.get(part.ciphertext_hash))
    context = ground.store.get(closed.chain.round(1).encryption_context)
    total = ground.scheme.add(context, files, closed.spec.model_length)
    ground.mailbox.put(1, ENCRYPTED_SUM, ground.store.put(total))
    with pytest.raises(SumRefusedError, match="Nothing is returned"):
        closed.nodes["ada"].open_sum(1)
    fails(closed, FailureReason.MODEL_NOT_PUBLISHED)


def test_the_key_holder_opens_nothing_before_the_round_is_closed(arena: "Arena") -> None:
    arena.submit_all(but="cay")
    part = arena.chain.participation(1, arena.nodes["bay"].address)
    arena.ground.mailbox.put(1, ENCRYPTED_SUM, part.ciphertext_hash)
    with pytest.raises(SumRefusedError, match="is OPEN, not CLOSED"):
        arena.nodes["ada"].open_sum(1)


def test_a_wrong_sum_from_the_key_holder(closed: "Arena") -> None:
    closed.coordinator.sum_updates(1)
    closed.nodes["ada"].open_sum(1)
    wrong = closed.ground.store.put(vector_to_bytes(one_unit_more(closed)))
    closed.ground.mailbox.put(1, OPENED_SUM, wrong)
    with pytest.raises(SumDoesNotOpenError, match="nothing is published"):
        closed.coordinator.publish_model(1)
    fails(closed, FailureReason.MODEL_NOT_PUBLISHED)
