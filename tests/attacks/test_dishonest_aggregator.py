"""Whatever the aggregator does with the sum, only its true opening is acknowledged."""

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.states import BlameReason, RoundStatus
from zkfl.field import SCALAR_MODULUS, vector_to_bytes
from zkfl.model_opening import open_model
from zkfl.model_vector import ModelMismatchError
from zkfl.next_model import SumDoesNotOpenError
from zkfl.node.key_holder import SumRefusedError

if TYPE_CHECKING:
    from conftest import Arena


@pytest.fixture
def closed(arena: "Arena") -> "Arena":
    arena.submit_all()
    arena.coordinator.close_round(1)
    return arena


@pytest.fixture
def opened(closed: "Arena") -> "Arena":
    closed.coordinator.announce_sum(1)
    closed.nodes["ada"].open_sum(1)
    return closed


def recovers(arena: "Arena") -> None:
    arena.push()
    arena.recover()
    arena.require_true_model()


def reweighted(arena: "Arena") -> list[int]:
    """Give one hospital half its weight, as if the shares were the aggregator's to choose."""
    address = arena.nodes["bay"].address
    weight = arena.chain.participation(1, address).weight
    update = arena.honest_update("bay")
    pairs = zip(arena.true_sum(), update, strict=True)
    return [(s - weight // 2 * u) % SCALAR_MODULUS for s, u in pairs]


def one_unit_more(arena: "Arena") -> list[int]:
    return [arena.true_sum()[0] + 1, *arena.true_sum()[1:]]


def other_blinders(arena: "Arena") -> list[int]:
    return [*arena.true_sum()[:-1], 0]


WRONG: list[Callable[["Arena"], list[int]]] = [reweighted, one_unit_more, other_blinders]


@pytest.mark.parametrize("wrong", WRONG)
def test_another_model_is_acknowledged_by_nobody(
    wrong: Callable[["Arena"], list[int]], opened: "Arena"
) -> None:
    """The first model is zero, so the published one is the wrong sum itself."""
    digest = opened.ground.store.put(vector_to_bytes(wrong(opened)))
    opened.aggregator.publish_model(1, digest)
    before = opened.storage_root()
    for node in opened.nodes.values():
        with pytest.raises(ModelMismatchError, match="published another model"):
            node.acknowledge(1)
    assert opened.storage_root() == before
    recovers(opened)


def test_a_wrong_model_can_be_replaced_by_the_true_one(opened: "Arena") -> None:
    wrong = opened.ground.store.put(vector_to_bytes(one_unit_more(opened)))
    opened.aggregator.publish_model(1, wrong)
    true = opened.ground.store.put(vector_to_bytes(opened.true_sum()))
    deadline = opened.chain.round(1).deadline
    opened.aggregator.publish_model(1, true)
    assert opened.chain.round(1).deadline == deadline
    for node in opened.nodes.values():
        node.acknowledge(1)
    assert opened.chain.model_hash() == true


def test_acknowledgements_of_two_files_are_not_added(opened: "Arena") -> None:
    """One member vouches for a wrong file, another for the true one: neither is a quorum."""
    wrong = opened.ground.store.put(vector_to_bytes(one_unit_more(opened)))
    opened.aggregator.publish_model(1, wrong)
    opened.nodes["bay"].registry.acknowledge(1, wrong)
    true = opened.ground.store.put(vector_to_bytes(opened.true_sum()))
    opened.aggregator.publish_model(1, true)
    opened.nodes["cay"].acknowledge(1)
    recovers(opened)
    opened.require_excluded("bay", reason=BlameReason.FALSE_ACKNOWLEDGEMENT)


def test_a_dishonest_quorum_still_cannot_choose_the_model(opened: "Arena") -> None:
    """It can make the round final without a file, but C(G') is the contract's own.

    Whoever knows the sum shows the model, and the quorum is excluded for its lie.
    """
    expected = opened.chain.round(1).model_after
    opened.aggregator.publish_model(1, b"\7" * 32)
    for name in ("ada", "bay"):
        opened.nodes[name].registry.acknowledge(1, b"\7" * 32)
    assert opened.chain.round(1).status is RoundStatus.FINAL
    assert opened.chain.model() == expected == opened.committer.commit(opened.true_sum())
    assert opened.chain.model_hash() == b"\7" * 32
    assert open_model(opened.outsider(), 1, opened.ground) is not None
    assert open_model(opened.outsider(), 1, opened.ground) is None
    opened.require_true_model()
    opened.require_excluded("ada", "bay", reason=BlameReason.FALSE_ACKNOWLEDGEMENT)


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
    closed.aggregator.announce_sum(1, ground.store.put(total))
    with pytest.raises(SumRefusedError, match="nothing is opened until it announces that one"):
        closed.nodes["ada"].open_sum(1)
    closed.coordinator.announce_sum(1)
    closed.nodes["ada"].open_sum(1)
    assert closed.chain.round(1).sum_hash == sha256(vector_to_bytes(closed.true_sum())).digest()


def test_the_key_holder_opens_nothing_before_the_round_is_closed(arena: "Arena") -> None:
    arena.submit_all(but="cay")
    with pytest.raises(SumRefusedError, match="is OPEN, not CLOSED"):
        arena.nodes["ada"].open_sum(1)


def test_the_key_holder_opens_nothing_before_the_sum_is_announced(closed: "Arena") -> None:
    with pytest.raises(SumRefusedError, match="is not announced"):
        closed.nodes["ada"].open_sum(1)


def test_a_wrong_sum_from_the_key_holder(closed: "Arena") -> None:
    closed.coordinator.announce_sum(1)
    closed.state_sum(one_unit_more(closed))
    with pytest.raises(SumDoesNotOpenError, match="nothing is published"):
        closed.coordinator.publish_model(1)
    recovers(closed)


def test_a_silent_key_holder(closed: "Arena") -> None:
    closed.coordinator.announce_sum(1)
    recovers(closed)
    [event] = closed.chain.events(names=["StepMissed"])
    role = closed.chain.client.call(closed.chain.address, closed.chain.abi, "KEY_HOLDER_ROLE")
    assert event.values["role"] == role


def test_a_sum_that_is_known_needs_no_reveal(opened: "Arena") -> None:
    """Pushed to the reveals, the round is final even if nobody reveals."""
    opened.push()
    assert opened.chain.round(1).status is RoundStatus.REVEALING
    open_model(opened.outsider(), 1, opened.ground)
    opened.require_true_model()


def test_an_aggregator_that_stalls(opened: "Arena") -> None:
    """The sum is known: anyone makes the round final at once, with no reveal."""
    open_model(opened.outsider(), 1, opened.ground)
    opened.require_true_model()
