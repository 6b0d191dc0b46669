"""A hospital admits newer records, retires the older ones, and trains on what is left."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.errors import ContractRevertError
from zkfl.chain.states import RoundStatus
from zkfl.node.admission import AdmissionError
from zkfl.node.dataset_versions import DatasetVersionError

if TYPE_CHECKING:
    from conftest import Site

MakeRecords = Callable[[Path, int, int], None]
HOSPITALS = ("ada", "bay", "cay")


@pytest.fixture(scope="module")
def grown(
    new_site: Callable[[str], "Site"],
    make_records: MakeRecords,
    tmp_path_factory: pytest.TempPathFactory,
) -> "Site":
    """Ada's records of version 2 are admitted beside those of version 1."""
    site = new_site("bfv")
    newer = tmp_path_factory.mktemp("newer") / "newer.csv"
    make_records(newer, 9, 77)
    node = site.node("ada")
    assert node.add_records(newer) == 2
    assert node.add_records(newer) == 2, "a step that is repeated adds nothing"
    assert len(node.admit()) == 2
    assert site.node("ada").admit() == []
    return site


def test_a_round_is_trained_on_the_newer_version_alone(grown: "Site") -> None:
    node = grown.node("ada")
    before = node.registry.member_of(node.address)
    assert (before.dataset_version, before.first_shard, before.records) == (1, 0, 12 + 9)
    assert [node.vault.version_of(index) for index in range(4)] == [1, 1, 2, 2]

    assert node.retire_shards() is not None
    assert node.retire_shards() is None, "a step that is repeated does nothing"
    after = node.registry.member_of(node.address)
    assert (after.dataset_version, after.first_shard, after.records) == (2, 2, 9)

    # who has withdrawn records deletes them, and goes on
    node.home.records.unlink()
    nodes, coordinator = [grown.node(name) for name in HOSPITALS], grown.coordinator()
    assert grown.node("ada").admit() == []
    round_id, _ = coordinator.open_round()
    part = node.registry.participation(round_id, node.address)
    assert part.shard_index in {2, 3}
    for hospital in nodes:
        hospital.prove(round_id)
        hospital.submit(round_id)
    coordinator.close_round(round_id)
    coordinator.announce_sum(round_id)
    nodes[0].open_sum(round_id)
    coordinator.publish_model(round_id)
    for hospital in nodes:
        hospital.acknowledge(round_id)
    assert node.registry.round(round_id).status is RoundStatus.FINAL
    assert node.registry.shard_of(node.address, part.shard_index).openings == 2
    assert [node.registry.shard_of(node.address, index).openings for index in (0, 1)] == [1, 1]


def test_the_chain_refuses_to_retire_what_is_not_there(site: "Site") -> None:
    with pytest.raises(ContractRevertError, match="RoundInProgress"):
        site.node("ada").retire_shards(1)


def test_one_version_cannot_be_the_newest_of_two(site: "Site") -> None:
    with pytest.raises(DatasetVersionError, match="one version of the records only"):
        site.node("ada").retire_shards()


def test_what_is_not_admitted_yet_keeps_the_older_shards(
    site: "Site", make_records: MakeRecords, tmp_path: Path
) -> None:
    newer = tmp_path / "newer.csv"
    make_records(newer, 9, 78)
    node = site.node("ada")
    node.add_records(newer)
    node.seal()
    with pytest.raises(DatasetVersionError, match="4 shards are sealed and the chain holds 2"):
        node.retire_shards()


def test_the_same_records_are_not_taken_twice(
    site: "Site", make_records: MakeRecords, tmp_path: Path
) -> None:
    newer, copy = tmp_path / "newer.csv", tmp_path / "copy.csv"
    make_records(newer, 9, 79)
    node = site.node("ada")
    copy.write_bytes(node.home.records.read_bytes())
    node.add_records(newer)
    with pytest.raises(DatasetVersionError, match="holds the records of version 1"):
        node.add_records(copy)


def test_another_kind_of_file_is_refused(site: "Site", tmp_path: Path) -> None:
    with pytest.raises(DatasetVersionError, match=r"neither a \.csv nor a \.parquet"):
        site.node("ada").add_records(tmp_path / "newer.xlsx")


def test_an_older_version_does_not_grow_behind_a_newer_one(
    site: "Site", make_records: MakeRecords, tmp_path: Path
) -> None:
    newer = tmp_path / "newer.csv"
    make_records(newer, 9, 80)
    node = site.node("ada")
    node.add_records(newer)
    node.seal()
    (node.home.shard(1) / "version").write_text("2")
    with pytest.raises(AdmissionError, match=r"does not|do not: the records have changed|grown"):
        site.node("ada").seal()
