"""The lineage is recomputed from what members signed; whatever was tampered with shows."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account
from hexbytes import HexBytes

from zkfl.chain.client import ChainClient
from zkfl.chain.events import ChainEvent
from zkfl.chain.protocol import selected_shard
from zkfl.chain.registry import Registry
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.reverts import error_selector
from zkfl.cli.consortium_session import StepError
from zkfl.cli.lineage_steps import show_lineage
from zkfl.lineage import LineageError, rebuild

if TYPE_CHECKING:
    from conftest import Site

HOSPITALS = ("ada", "bay", "cay")
FORGER = Account.create()


@pytest.fixture(scope="module")
def grown(new_site: Callable[..., "Site"]) -> "Site":
    """Two final rounds with cards, and a failed one between them."""
    site = new_site("bfv", window=3_600)
    run_round(site)
    failed, _ = site.coordinator().open_round()
    site.anvil.advance_time(10 * 3_600)
    site.node("ada").registry.push_round(failed)
    run_round(site)
    return site


def run_round(site: "Site") -> int:
    round_id, coordinator = site.run_round(), site.coordinator()
    assert coordinator.publish_card(round_id) is not None
    assert coordinator.publish_card(round_id) is None, "a step that is repeated does nothing"
    return round_id


@pytest.fixture
def reader(grown: "Site") -> Registry:
    """Return the registry for somebody with an endpoint and an address, and nothing else."""
    client = ChainClient(grown.anvil.url, None, grown.deployment.chain_id)
    return Registry(client, grown.deployment.registry)


def test_every_model_is_recomputed(grown: "Site", reader: Registry) -> None:
    seen: list[int] = []
    finals = rebuild(reader, seen.append)
    assert seen == [1, 3]
    assert [final.card.round_id for final in finals] == seen
    first, second = (final.card for final in finals)
    assert first.model_after == second.model_before
    assert second.model_after == reader.model()
    assert second.previous_card == first.sha256() == reader.model_card_of(1)
    for final in finals:
        card = final.card
        assert final.published_card == card.sha256()
        assert grown.workspace.store.get(card.sha256()) == card.to_bytes()
        for part in card.contributions:
            on_chain = reader.participation(card.round_id, part.member)
            stated = (on_chain.shard_index, on_chain.share, on_chain.weight, on_chain.update)
            assert (part.shard, part.share, part.weight, part.update) == stated


def alter(name: str, **values: object) -> Callable[[list[ChainEvent]], list[ChainEvent]]:
    """Return what changes the last event of a name."""

    def change(events: list[ChainEvent]) -> list[ChainEvent]:
        place = max(i for i, event in enumerate(events) if event.name == name)
        altered = MappingProxyType({**events[place].values, **values})
        return [*events[:place], replace(events[place], values=altered), *events[place + 1 :]]

    return change


def drop(name: str) -> Callable[[list[ChainEvent]], list[ChainEvent]]:
    """Return what leaves out the last event of a name."""

    def change(events: list[ChainEvent]) -> list[ChainEvent]:
        place = max(i for i, event in enumerate(events) if event.name == name)
        return events[:place] + events[place + 1 :]

    return change


POINT = MappingProxyType({"x": 1, "y": 2})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("ConsortiumCreated"), "is MemberAdded, not ConsortiumCreated"),
        (lambda _: [], "is none, not ConsortiumCreated"),
        (alter("ConsortiumCreated", srsHash=b"\x07" * 32), "the creation: SRS"),
        (alter("ConsortiumCreated", srsInsecure=False), "the creation: demo SRS"),
        (alter("ShardAdmitted", count=8), "records is shown as 8"),
        (alter("ShardAdmitted", commitment=POINT), "commitment is shown"),
        (alter("ShardAdmitted", shardIndex=5), "index is shown as 5"),
        (drop("ShardAdmitted"), "has a cohort that it cannot have"),
        (alter("RoundOpened", modelBefore=POINT), "round 3: C\\(G\\) is shown"),
        (alter("UpdateSubmitted", update=POINT), "C_i is shown"),
        (alter("UpdateSubmitted", member=FORGER.address), "not in the cohort"),
        (drop("UpdateSubmitted"), "closed without an update"),
        (alter("RoundClosed", modelAfter=POINT), "round 3: C\\(G'\\) is shown"),
        (drop("RoundClosed"), "was never closed"),
        (alter("RoundFinalized", modelAfter=POINT), "round 3: C\\(G'\\) is shown"),
        (alter("RoundFinalized", modelHash=b"\x07" * 32), "with 0 signed acknowledgements"),
        (drop("RoundFinalized"), "has a card and is not final"),
        (
            lambda events: [e for e in events if e.name != "Acknowledged"],
            "with 0 signed acknowledgements of its model, and needs 2",
        ),
        (alter("Acknowledged", modelHash=b"\x07" * 32), "acknowledgement of .*: model is shown"),
        (alter("Acknowledged", member=FORGER.address), "signer is shown"),
        (alter("ModelCardPublished", cardHash=b"\x07" * 32), "round 3: card is shown"),
        (lambda events: [e for e in events if e.values.get("roundId") != 3], "latest final round"),
    ],
)
def test_tampered_events_show(
    reader: Registry,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[list[ChainEvent]], list[ChainEvent]],
    message: str,
) -> None:
    honest = Registry.events
    monkeypatch.setattr(Registry, "events", lambda self: change(honest(self)))
    with pytest.raises(LineageError, match=message):
        rebuild(reader)


def flip(place: int) -> Callable[[Any], Any]:
    """Return what flips a byte of each submitted proof in the calldata."""
    [entry] = [entry for entry in registry_abi() if entry.get("name") == "submitUpdate"]
    selector = error_selector(entry)

    def change(transaction: Any) -> Any:  # noqa: ANN401
        data = bytearray(HexBytes(transaction["input"]))
        if data[:4] != selector:
            return transaction
        # behind the selector, a head of five words and the proof's length
        data[4 + 32 * 6 + place] ^= 1
        return {**transaction, "input": HexBytes(bytes(data))}

    return change


@pytest.mark.parametrize(
    "place", [0, 64, 64 * 4 + 3, 64 * 6 + 5], ids=["data", "model", "C_i", "rest"]
)
def test_a_tampered_proof_shows(
    reader: Registry, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    honest = ChainClient.transaction
    monkeypatch.setattr(ChainClient, "transaction", lambda *a: flip(place)(honest(*a)))
    with pytest.raises(LineageError, match=r"signer is shown|shard is shown|cannot be read"):
        rebuild(reader)


def test_a_hidden_transaction_shows(reader: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChainClient, "transaction", lambda *_: None)
    with pytest.raises(LineageError, match="has no transaction"):
        rebuild(reader)


def test_a_creation_by_other_code_shows(reader: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = ChainClient.transaction

    def changed(*arguments: Any) -> Any:  # noqa: ANN401
        transaction = honest(*arguments)
        data = bytearray(HexBytes(transaction["input"]))  # type: ignore[index]
        data[100] ^= 1
        return {**transaction, "input": HexBytes(bytes(data))}  # type: ignore[dict-item]

    monkeypatch.setattr(ChainClient, "transaction", changed)
    with pytest.raises(LineageError, match="created by other code"):
        rebuild(reader)


@pytest.mark.parametrize(
    ("view", "value", "message"),
    [
        ("final_round", 2, "latest final round is shown as 2"),
        ("model_hash", b"\x07" * 32, "hash of the model is shown"),
    ],
)
def test_a_view_that_differs_shows(
    reader: Registry, monkeypatch: pytest.MonkeyPatch, view: str, value: object, message: str
) -> None:
    monkeypatch.setattr(Registry, view, lambda _: value)
    with pytest.raises(LineageError, match=message):
        rebuild(reader)


def test_a_creation_by_another_transaction_shows(
    reader: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = ChainClient.transaction

    def later(self: ChainClient, tx_hash: str) -> object:
        shown = honest(self, tx_hash)
        return shown if shown is None or shown.get("to") else {**shown, "nonce": shown["nonce"] + 1}

    monkeypatch.setattr(ChainClient, "transaction", later)
    with pytest.raises(LineageError, match="the creation: registry is shown as"):
        rebuild(reader)


def test_another_seed_shows(
    grown: "Site", reader: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, true = reader.member_id_of(grown.address("ada")), reader.selection_seed()
    selected = selected_shard(true, ada, 2, 1)
    others = (bytes([number]) * 32 for number in range(256))
    seed = next(other for other in others if selected_shard(other, ada, 2, 1) != selected)
    honest, change = Registry.events, alter("SelectionSeedDrawn", seed=seed)
    monkeypatch.setattr(Registry, "events", lambda self: change(honest(self)))
    with pytest.raises(LineageError, match="shard is shown"):
        rebuild(reader)


def test_the_command_prints_the_table(grown: "Site", capsys: pytest.CaptureFixture[str]) -> None:
    deployment = grown.deployment
    show_lineage(deployment.registry, grown.anvil.url, deployment.chain_id, deployment.block_number)
    assert "2 final rounds, every commitment as recomputed" in capsys.readouterr().out


def test_the_command_refuses_what_is_no_address(grown: "Site") -> None:
    address = grown.deployment.registry.lower()
    with pytest.raises(StepError, match="is no checksummed address"):
        show_lineage(address, grown.anvil.url, grown.deployment.chain_id, 0)


@pytest.fixture(scope="module")
def rewarded(new_site: Callable[..., "Site"]) -> Registry:
    """Two final rounds, the second with shares by the benefit of the first."""
    site = new_site("bfv", rule="benefit")
    run_round(site)
    for name in HOSPITALS:
        site.node(name).prove_benefit(1)
    run_round(site)
    client = ChainClient(site.anvil.url, None, site.deployment.chain_id)
    return Registry(client, site.deployment.registry)


def test_shares_by_benefit_are_recomputed(rewarded: Registry) -> None:
    _, second = rebuild(rewarded)
    levels = [rewarded.benefit_of(1, part.member).level for part in second.card.contributions]
    assert any(levels)
    for part in second.card.contributions:
        assert part.share == rewarded.participation(2, part.member).share


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (alter("BenefitProven", level=17), "level is shown as 17"),
        (alter("BenefitProven", member=FORGER.address), "had no such member"),
        (alter("BenefitProven", roundId=2), "round 2, which was never opened"),
        (drop("BenefitProven"), "round 2: C\\(G'\\) is shown"),
    ],
)
def test_tampered_benefits_show(
    rewarded: Registry,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[list[ChainEvent]], list[ChainEvent]],
    message: str,
) -> None:
    honest = Registry.events
    monkeypatch.setattr(Registry, "events", lambda self: change(honest(self)))
    with pytest.raises(LineageError, match=message):
        rebuild(rewarded)
