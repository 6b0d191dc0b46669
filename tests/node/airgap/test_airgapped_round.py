"""Nodes without a network take part in whole rounds, through files alone."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from zkfl.aggregator.turns import AggregatorTurns
from zkfl.airgap.rehearsal import Scope, questions
from zkfl.chain.registry import Registry
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.states import RoundStatus
from zkfl.curve import G1Point, add, subtract
from zkfl.node.home import NodeHome
from zkfl.node.known_disputes import remember_split
from zkfl.node.round_masks import RoundMasks
from zkfl.node.turns import HospitalTurns
from zkfl.party_accounts import open_account

if TYPE_CHECKING:
    from conftest import Island, Site

ROUND = 1
Settle = Callable[["Site", str], "Island"]


def aggregate(site: "Site") -> None:
    AggregatorTurns(site.coordinator(), 1).take()


def after_deadline(site: "Site") -> None:
    registry = site.coordinator().registry
    deadline = registry.round(registry.current_round()).deadline
    site.anvil.advance_time(deadline + 1 - registry.client.block_timestamp())


def test_from_keys_to_proven_benefit(rewarding_site: "Site", settle: Settle) -> None:
    """The key holder and a newcomer are on islands, each on its own."""
    site = rewarding_site
    holder, newcomer = settle(site, "ada"), settle(site, "dee")
    assert newcomer.trip()[0] == ["announceMaskKey"]
    assert newcomer.trip()[0] == ["admitShard", "admitShard"]
    aggregate(site)
    for name in ("bay", "cay"):
        HospitalTurns(site.node(name)).take()
    for island in (holder, newcomer):
        assert island.trip()[0] == ["submitUpdate"]
        calls, ended = island.trip()
        assert (calls, ended.turn.waits_for) == ([], "others to submit to round 1, and its close")
    aggregate(site)
    assert holder.trip()[0] == ["openSum"]
    aggregate(site)
    for island in (holder, newcomer):
        assert island.trip()[0] == ["acknowledge"]
    HospitalTurns(site.node("bay")).take()
    registry = site.coordinator().registry
    assert registry.round(ROUND).status is RoundStatus.FINAL
    for island in (holder, newcomer):
        assert island.trip()[0] == ["proveBenefit"]
        assert registry.benefit_of(ROUND, island.address).proven

    for name, island in (("ada", holder), ("dee", newcomer)):
        everything = b"".join(island.carried)
        secrets = secrets_of(site.home(name))
        assert len(secrets) > 100
        assert [place for place, secret in secrets if secret in everything] == []


def secrets_of(home: NodeHome) -> list[tuple[str, bytes]]:
    """Return a hospital's secrets and where they are kept, each as bytes and as text."""
    key = bytes(open_account(home).key)
    found = [("chain key", key), ("mask key", home.mask_key.read_bytes())]
    vectors = sorted((home.root / "state").rglob("*.vector"))
    for path in vectors:
        content = path.read_bytes()
        # small numbers, such as noise, could stand anywhere; blinders fill their 32 bytes
        elements = (content[start : start + 32] for start in range(0, len(content), 32))
        found += [(path.name, element) for element in elements if any(element[:8])]
    found += [(place, secret.hex().encode()) for place, secret in found]
    found.append(("password", home.chain_password.read_bytes()))
    found += [("records", line) for line in home.records.read_bytes().splitlines()[1:]]
    if home.he_secret.exists():
        public = (home.root / "he-public.ctx").read_bytes()
        secret = home.he_secret.read_bytes()
        chunks = (secret[start : start + 64] for start in range(0, len(secret) - 64, 4096))
        found += [("HE secret", chunk) for chunk in chunks if chunk not in public]
    return found


def test_the_relay_asks_every_view_of_the_registry() -> None:
    """Whatever view a step looks at, the bundle answers; a new parameter needs a place to come."""
    scope = Scope("0x1", ["0x1", "0x2"], [1], {"0x1": [0]}, [bytes(32)])
    abi = registry_abi()
    views = {
        entry["name"]
        for entry in abi
        if entry.get("type") == "function" and entry["stateMutability"] in {"view", "pure"}
    }
    asked = {name for name, _ in questions(abi, scope)}
    # which interfaces a contract has is in its code; whether a test shard also trains is asked
    # before metrics are proven, which a node without network does not do
    assert views - asked == {"supportsInterface", "isAdmitted"}


def test_disputed_masks_a_further_attempt_and_a_reveal(
    site: "Site", settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody lies towards the node on the island; the node answers by files."""
    island = settle(site, "bay")
    ada, cay = site.node("ada"), site.node("cay")
    committer = site.ground.committer
    extra = subtract(committer.commit([1]), committer.zero)
    monkeypatch.setattr(cay, "registry", Lying(cay.registry, extra))
    assert island.trip()[0] == ["submitUpdate"]
    ada.submit(ROUND)
    cay.submit(ROUND)
    registry = site.coordinator().registry
    site.coordinator().close_round(ROUND)
    state = registry.round(ROUND)
    assert state.status is RoundStatus.DISPUTED
    assert island.trip()[0] == ["splitMask"]
    assert island.trip()[1].turn.waits_for == "others to answer in round 1"

    ada.split_mask(ROUND)
    masks = RoundMasks.shown(cay.home, registry_of(cay.registry), ROUND, state)
    by_peer = masks.by_peer(site.ground.spec.model_length)
    parts = [committer.commit(mask) for mask in by_peer.values()]
    place = list(by_peer).index(island.address)
    parts[place] = add(parts[place], extra)
    double = add(committer.zero, committer.zero)
    agreeing = [subtract(double, part) for part in parts]
    about = masks.about
    remember_split(cay.home, about, dict(zip(by_peer, agreeing, strict=True)), masks.place)
    registry_of(cay.registry).split_mask(ROUND, about.attempt, about.cohort, parts)
    assert registry.unpaired(island.address, cay.address)
    assert registry.round(ROUND).attempt == 2

    assert island.trip()[0] == ["remaskUpdate"]
    for name in ("ada", "cay"):
        site.node(name).remask(ROUND)
    site.coordinator().close_round(ROUND)
    after_deadline(site)
    registry.push_round(ROUND)
    assert island.trip()[0] == ["revealUpdate"]
    assert registry.participation(ROUND, island.address).answered


class Lying:
    """A registry to which a mask commitment is sent with something added to it."""

    def __init__(self, honest: Registry, extra: G1Point) -> None:
        self.honest = honest
        self._extra = extra

    def __getattr__(self, name: str) -> object:
        return getattr(self.honest, name)

    def submit_update(
        self, round_id: int, proof: bytes, mask: G1Point, ciphertext: bytes, *_: object
    ) -> object:
        return self.honest.submit_update(round_id, proof, add(mask, self._extra), ciphertext)


def registry_of(registry: object) -> Registry:
    assert isinstance(registry, Lying)
    return registry.honest


def test_posted_proofs_are_checked_on_the_island(posted_site: "Site", settle: Settle) -> None:
    """The node reads the others' proofs from the bundle before it vouches for a model."""
    site = posted_site
    island = settle(site, "bay")
    assert island.trip()[0] == ["submitUpdate"]
    for name in ("ada", "cay", "dee"):
        site.node(name).submit(ROUND)
    aggregate(site)
    HospitalTurns(site.node("ada")).take()
    aggregate(site)
    calls, ended = island.trip()
    assert calls == []
    assert "can be challenged" in ended.turn.waits_for
    site.anvil.advance_time(61)
    assert island.trip()[0] == ["acknowledge"]
