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
from zkfl.curve import G1Point, add, subtract
from zkfl.masks import MaskKey
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
def lied(arena: "Arena") -> "Arena":
    """Cay's mask is one off, so everybody has to split; nobody has yet."""
    arena.submit_all(but="cay")
    mask = add(arena.committer.commit(arena.mask("cay")), one_more(arena))
    arena.send("cay", arena.honest_proof("cay"), mask=mask)
    arena.coordinator.close_round(1)
    return arena


@pytest.fixture
def disputed(lied: "Arena") -> "Arena":
    """Cay lied towards ada, and all have split: bay is honest towards both."""
    for name in ("bay", "ada"):
        lied.nodes[name].split_mask(1)
    split_off_ada(lied)
    assert lied.chain.round(1).attempt == 2
    return lied


def one_more(arena: "Arena") -> G1Point:
    return subtract(arena.committer.commit([1]), arena.committer.zero)


def split_off_ada(arena: "Arena") -> None:
    towards = arena.pair_commitments("cay")
    arena.split_otherwise("cay", [add(towards[0], one_more(arena)), towards[1]])


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


def show_as_apart(arena: "Arena", patch: pytest.MonkeyPatch, tx_hash: str) -> None:
    """Show everybody as apart, and a transaction as bay's split."""
    genuine, *_ = arena.chain.events(names=["MaskSplit"])
    values = MappingProxyType({**genuine.values, "member": arena.nodes["bay"].address})
    made_up, honest = replace(genuine, values=values, tx_hash=tx_hash), Registry.events

    def shown(registry: Registry, **asked: Any) -> list[ChainEvent]:  # noqa: ANN401 (as is)
        made = [made_up] if "MaskSplit" in asked.get("names", ()) else []
        return [*honest(registry, **asked), *made]

    patch.setattr(Registry, "events", shown)
    patch.setattr(Registry, "unpaired", lambda *_: True)


def test_a_true_dispute_is_none_with_everybody(
    disputed: "Arena", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bay's split is found and agrees; cay's is cay's alone."""
    events = disputed.chain.events(names=["MasksDisputed", "MaskSplit"])
    assert len(events) == 4
    for event in events:
        with monkeypatch.context() as patch:
            show_as_apart(disputed, patch, event.tx_hash)
            refuses_to_mask(disputed)
    assert disputed.nodes["ada"].remask(1) is not None


def hide_nothing(_: pytest.MonkeyPatch) -> None:
    """Show the attempt as it is."""


def another_order(patch: pytest.MonkeyPatch) -> None:
    """Bay's mask towards cay is where ada looks for its own."""
    lie(patch, "cohort", lambda members: members[::-1])


def another_attempt(patch: pytest.MonkeyPatch) -> None:
    lie(patch, "round", lambda state: replace(state, attempt=2))


def a_key_that_bay_gave_up(patch: pytest.MonkeyPatch) -> None:
    """Nothing that this node knows contradicts it; bay's own masks are under the newer one."""
    former = MaskKey.generate().public_bytes()
    patch.setattr("zkfl.node.round_masks.require_pinned", lambda *_: None)
    lie(patch, "member_of", lambda m: replace(m, mask_key=former) if m.name == "bay" else m)


@pytest.mark.parametrize(
    "lie_about", [hide_nothing, another_order, another_attempt, a_key_that_bay_gave_up]
)
def test_an_honest_split_of_something_else(
    lied: "Arena", monkeypatch: pytest.MonkeyPatch, lie_about: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Ada splits what its endpoint made up, and is shown what bay signed in the true dispute.

    Bay's masks are none that would cancel ada's: it takes what the split says that it is about to
    see that the two only worked on different things.
    """
    with monkeypatch.context() as patch:
        lie_about(patch)
        patch.setattr(Registry, "split_mask", lambda *_: None)
        lied.nodes["ada"].split_mask(1)
    lied.nodes["bay"].split_mask(1)
    split_off_ada(lied)
    lie(monkeypatch, "round", lambda s: replace(s, status=RoundStatus.OPEN, attempt=2))
    lie(monkeypatch, "participation", lambda part: replace(part, submitted=False))
    bay = lied.nodes["bay"].address
    monkeypatch.setattr(Registry, "unpaired", lambda _, __, peer: peer == bay)
    refuses_to_mask(lied)


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
    honest = ChainClient.transaction
    with monkeypatch.context() as patch:
        patch.setattr(ChainClient, "transaction", lambda *a: change(honest(*a)))
        refuses_to_mask(disputed)
    with monkeypatch.context() as patch:
        patch.setattr(ChainClient, "transaction", lambda *_: None)
        refuses_to_mask(disputed)
    assert disputed.nodes["ada"].remask(1) is not None


def test_who_split_first_is_found_too(disputed: "Arena") -> None:
    """Ada's split parted nobody, since cay's came after it."""
    [event] = disputed.chain.events(names=["PairDisputed"])
    ada, cay = disputed.nodes["ada"].address, disputed.nodes["cay"].address
    assert (event.values["first"], event.values["second"]) == (ada, cay)
    assert disputed.nodes["cay"].remask(1) is not None
