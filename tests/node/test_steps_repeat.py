"""Every step of a node can be repeated: no second transaction, and the same bytes."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.states import RoundStatus
from zkfl.node.errors import HospitalError

if TYPE_CHECKING:
    from conftest import Site

ADMITTED = ("ada", "bay", "cay")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_sealing_twice_draws_no_new_blinders(site: "Site") -> None:
    first = site.node("dee").seal()
    kept = files(site.home("dee").root / "state" / "shards")
    assert site.node("dee").seal() == first
    assert files(site.home("dee").root / "state" / "shards") == kept
    blinders = [tuple(shard.vector[-24:]) for shard in first]
    assert len(set(blinders)) == len(blinders) == 2


def test_admission_and_keys_are_sent_once(site: "Site") -> None:
    site.coordinator().registry.client.transaction_count(site.address("dee"), "pending")
    node = site.node("ada")
    before = site.sent("ada")
    assert node.announce_mask_key() is None
    assert node.admit() == []
    assert site.node("ada").admit() == []
    assert site.sent("ada") == before


def test_submitting_twice_sends_once_and_stores_once(site: "Site") -> None:
    node = site.node("bay")
    before = site.sent("bay")
    assert node.submit(1) is not None
    kept, stored = files(site.home("bay").round(1)), site.stored()
    part = node.registry.participation(1, node.address)
    assert node.submit(1) is None
    node.prove(1)
    assert site.node("bay").submit(1) is None
    assert site.sent("bay") == before + 1
    assert files(site.home("bay").round(1)) == kept
    assert site.stored() == stored
    assert node.registry.participation(1, node.address) == part


def test_proving_first_submits_the_same_proof(site: "Site") -> None:
    node = site.node("cay")
    node.prove(1)
    proof = site.journal("cay").proof()
    node.prove(1)
    assert node.submit(1) is not None
    assert site.journal("cay").proof() == proof


def test_the_end_of_a_round_can_be_repeated_by_everyone(site: "Site") -> None:
    nodes, coordinator = [site.node(name) for name in ADMITTED], site.coordinator()
    for node in nodes:
        node.submit(1)
    assert coordinator.close_round(1) is not None
    assert coordinator.close_round(1) is None
    assert coordinator.announce_sum(1) is not None
    assert coordinator.announce_sum(1) is None
    assert nodes[0].open_sum(1) is not None
    assert nodes[0].open_sum(1) is None
    assert coordinator.publish_model(1) is not None
    assert coordinator.publish_model(1) is None
    assert coordinator.announce_sum(1) is None
    assert nodes[0].open_sum(1) is None
    assert nodes[0].acknowledge(1) is not None
    assert nodes[0].acknowledge(1) is None
    for node in nodes[1:]:
        node.acknowledge(1)
    assert nodes[0].registry.round(1).status == RoundStatus.FINAL
    before = {name: site.sent(name) for name in ADMITTED}
    assert [node.acknowledge(1) for node in nodes] == [None] * 3
    assert [node.submit(1) for node in nodes] == [None] * 3
    assert {name: site.sent(name) for name in ADMITTED} == before


def test_steps_out_of_their_time_are_refused_before_anything_is_done(site: "Site") -> None:
    node = site.node("ada")
    with pytest.raises(HospitalError, match="round 1 is OPEN: it has no published model"):
        node.acknowledge(1)
    with pytest.raises(HospitalError, match="takes no part in round 1"):
        site.node("dee").submit(1)
    with pytest.raises(HospitalError, match="takes no part in round 2"):
        node.submit(2)
    site.anvil.advance_time(site.consortium.submission_window + 1)
    node.registry.push_round(1)
    for step in (node.prove, node.submit):
        with pytest.raises(HospitalError, match="takes no part in round 1, which is FAILED"):
            step(1)
    assert site.journal("ada").proof() is None
