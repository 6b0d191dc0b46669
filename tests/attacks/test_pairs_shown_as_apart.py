"""An endpoint that strips an update of its masks: it shows honest peers as apart."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.chain.client import ChainClient
from zkfl.chain.events import ChainEvent
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.curve import add, subtract
from zkfl.node.known_disputes import UnknownDisputeError

if TYPE_CHECKING:
    from conftest import Arena


def lie(patch: pytest.MonkeyPatch, view: str, change: Callable[[Any], Any]) -> None:
    honest = getattr(Registry, view)
    patch.setattr(Registry, view, lambda *arguments: change(honest(*arguments)))


def refuses_to_mask(arena: "Arena") -> None:
    node = arena.nodes["ada"]
    count = node.registry.client.transaction_count
    sent, attempts = count(node.address, "pending"), arena.journal("ada").sealed_attempts()
    with pytest.raises(UnknownDisputeError, match="nothing is sent"):
        node.remask(1)
    assert count(node.address, "pending") == sent
    assert arena.journal("ada").sealed_attempts() == attempts


@pytest.fixture
def disputed(arena: "Arena") -> "Arena":
    """Cay lied towards ada, and all have split: bay is honest towards both."""
    arena.submit_all(but="cay")
    extra = subtract(arena.committer.commit([1]), arena.committer.zero)
    mask = add(arena.committer.commit(arena.mask("cay")), extra)
    arena.send("cay", arena.honest_proof("cay"), mask=mask)
    arena.coordinator.close_round(1)
    towards = arena.pair_commitments("cay")
    for name in ("bay", "ada"):
        arena.nodes[name].split_mask(1)
    arena.split_otherwise("cay", [add(towards[0], extra), towards[1]])
    assert arena.chain.round(1).attempt == 2
    return arena


def test_a_dispute_that_never_was(arena: "Arena", monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint takes the node's split, and shows an attempt without its honest peer."""
    arena.submit_all()
    bay = arena.nodes["bay"].address
    with monkeypatch.context() as patch:
        lie(patch, "round", lambda state: replace(state, status=RoundStatus.DISPUTED))
        patch.setattr(Registry, "split_mask", lambda *_: None)
        arena.nodes["ada"].split_mask(1)
    lie(monkeypatch, "round", lambda s: replace(s, status=RoundStatus.OPEN, attempt=2))
    lie(monkeypatch, "participation", lambda part: replace(part, submitted=False))
    monkeypatch.setattr(Registry, "unpaired", lambda _, __, peer: peer == bay)
    refuses_to_mask(arena)


def pair_event(arena: "Arena", tx_hash: str) -> ChainEvent:
    """Return what the chain would show if ada and bay had parted."""
    [genuine] = arena.chain.events(names=["PairDisputed"])
    ada, bay = arena.nodes["ada"].address, arena.nodes["bay"].address
    values = {**genuine.values, "first": ada, "second": bay}
    return replace(genuine, values=MappingProxyType(values), tx_hash=tx_hash)


def show_as_apart(arena: "Arena", patch: pytest.MonkeyPatch, tx_hash: str) -> None:
    made_up, honest = pair_event(arena, tx_hash), Registry.events

    def shown(registry: Registry, **asked: Any) -> list[ChainEvent]:  # noqa: ANN401 (as is)
        made = [made_up] if "PairDisputed" in asked.get("names", ()) else []
        return [*honest(registry, **asked), *made]

    patch.setattr(Registry, "events", shown)
    patch.setattr(Registry, "unpaired", lambda *_: True)


def test_a_true_dispute_is_none_with_everybody(
    disputed: "Arena", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bay's split is found and agrees; cay's is cay's alone."""
    for event in disputed.chain.events(names=["MasksDisputed", "PairDisputed"]):
        with monkeypatch.context() as patch:
            show_as_apart(disputed, patch, event.tx_hash)
            refuses_to_mask(disputed)
    assert disputed.nodes["ada"].remask(1) is not None


def test_another_order_of_the_cohort(disputed: "Arena", monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take bay's mask towards cay for the one towards ada."""
    [event] = disputed.chain.events(names=["PairDisputed"])
    show_as_apart(disputed, monkeypatch, event.tx_hash)
    lie(monkeypatch, "cohort", lambda members: members[::-1])
    refuses_to_mask(disputed)


@pytest.mark.parametrize(
    "change",
    [
        lambda transaction: {**transaction, "nonce": transaction["nonce"] + 1},
        lambda transaction: {**transaction, "chainId": 1},
        lambda transaction: {**transaction, "to": "0x" + "77" * 20},
        lambda transaction: {**transaction, "input": bytes(transaction["input"])[:-1] + b"\x01"},
        lambda transaction: {**transaction, "input": b""},
    ],
    ids=["nonce", "chain", "registry", "masks", "call"],
)
def test_a_split_that_the_peer_did_not_sign(
    disputed: "Arena", monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any]
) -> None:
    """Cay did part from ada, but this is not what it signed."""
    one, block = ChainClient.transaction, ChainClient.block_transactions
    with monkeypatch.context() as patch:
        patch.setattr(ChainClient, "transaction", lambda *a: change(one(*a)))
        changed = lambda *a: [change(each) for each in block(*a)]  # noqa: E731 - a patch
        patch.setattr(ChainClient, "block_transactions", changed)
        refuses_to_mask(disputed)
    with monkeypatch.context() as patch:
        patch.setattr(ChainClient, "transaction", lambda *_: None)
        patch.setattr(ChainClient, "block_transactions", lambda *_: [])
        refuses_to_mask(disputed)
    assert disputed.nodes["ada"].remask(1) is not None


def test_who_split_first_is_found_without_an_event(disputed: "Arena") -> None:
    """Ada's split is in no event, since cay's came after it."""
    [event] = disputed.chain.events(names=["PairDisputed"])
    ada, cay = disputed.nodes["ada"].address, disputed.nodes["cay"].address
    assert (event.values["first"], event.values["second"]) == (ada, cay)
    assert disputed.nodes["cay"].remask(1) is not None
