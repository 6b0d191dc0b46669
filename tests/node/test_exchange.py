"""A party hands on what the chain names, and takes nothing else, whoever sends it."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.artifacts import ArtifactStore
from zkfl.exchange import (
    ArtifactKind,
    Exchange,
    ExchangedArtifactError,
    NamedArtifact,
    OversizeArtifactError,
    UnnamedArtifactError,
    named_artifacts,
)

if TYPE_CHECKING:
    from conftest import Site

ROUND = 1


def exchange_of(site: "Site", folder: Path) -> Exchange:
    """Return a party's exchange with a store of its own."""
    registry = site.registry(site.workspace.role("aggregator"))
    return Exchange(registry, replace(site.ground, store=ArtifactStore(folder)))


@pytest.fixture
def empty(site: "Site", tmp_path: Path) -> Exchange:
    return exchange_of(site, tmp_path / "own")


@pytest.fixture
def full(site: "Site") -> Exchange:
    return exchange_of(site, site.workspace.root / "store")


def context(site: "Site") -> bytes:
    return site.coordinator().registry.encryption_context()


def test_what_one_party_lacks_another_hands_on(
    site: "Site", full: Exchange, empty: Exchange
) -> None:
    digest = context(site)
    assert empty.lacking() == {digest}
    taken = empty.take(full.offer(empty.lacking()))
    assert taken == (NamedArtifact(digest, ArtifactKind.CONTEXT),)
    assert (empty.lacking(), full.lacking()) == (frozenset(), frozenset())


def test_a_round_names_its_files_until_the_next_one_opens(site: "Site", tmp_path: Path) -> None:
    # the fixture's round is open: it is brought to its end here
    for name in ("ada", "bay", "cay"):
        site.node(name).submit(ROUND)
    coordinator, registry = site.coordinator(), site.coordinator().registry
    coordinator.close_round(ROUND)
    coordinator.announce_sum(ROUND)
    site.node("ada").open_sum(ROUND)
    coordinator.publish_model(ROUND)
    for name in ("ada", "bay", "cay"):
        site.node(name).acknowledge(ROUND)
    coordinator.publish_card(ROUND)
    kinds = sorted(one.kind.value for one in named_artifacts(registry).values())
    # the first model is zero, so that the opened sum and the next model are one file
    updates = ["encrypted update"] * 3
    assert kinds == ["encrypted sum", *updates, "encryption context", "model", "model card"]
    full, late = exchange_of(site, site.workspace.root / "store"), exchange_of(site, tmp_path / "l")
    late.take(full.offer(late.lacking()))
    assert late.lacking() == frozenset()
    replayed = registry.participation(ROUND, site.address("bay")).ciphertext_hash
    handed_on = full.offer([replayed])
    assert coordinator.open_round()[0] == ROUND + 1
    kinds = sorted(one.kind.value for one in named_artifacts(registry).values())
    assert kinds == ["encryption context", "model", "model card"]
    assert full.offer([replayed]) == {}
    with pytest.raises(UnnamedArtifactError, match=replayed.hex()):
        late.take(handed_on)


def test_what_the_chain_does_not_name_is_neither_taken_nor_handed_on(
    site: "Site", empty: Exchange, full: Exchange
) -> None:
    content = b"a file that nobody announced"
    digest = site.workspace.store.put(content)
    assert full.offer([digest]) == {}
    with pytest.raises(UnnamedArtifactError, match=digest.hex()):
        empty.take({digest: content})


def test_other_bytes_under_a_name_are_refused(site: "Site", empty: Exchange) -> None:
    digest, other = context(site), b"another context"
    with pytest.raises(ExchangedArtifactError, match=sha256(other).hexdigest()):
        empty.take({digest: other})
    assert empty.lacking() == {digest}


def test_more_bytes_than_any_of_its_kind_has_are_refused(site: "Site", empty: Exchange) -> None:
    digest = context(site)
    with pytest.raises(OversizeArtifactError, match=f"encryption context {digest.hex()}"):
        empty.take({digest: bytes(16 * 1024 * 1024 + 1)})


def test_one_file_that_is_refused_takes_the_others_with_it(
    site: "Site", empty: Exchange, full: Exchange
) -> None:
    good = full.offer([context(site)])
    with pytest.raises(UnnamedArtifactError):
        empty.take(good | {bytes(32): b""})
    assert empty.lacking() == {context(site)}


def test_a_damaged_file_counts_as_lacking_and_is_not_handed_on(
    site: "Site", full: Exchange
) -> None:
    digest = context(site)
    (site.workspace.root / "store" / digest.hex()).write_bytes(b"damaged")
    assert full.lacking() == {digest}
    assert full.offer([digest]) == {}
