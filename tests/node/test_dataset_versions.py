"""A hospital admits newer records, retires the older ones, and trains on what is left."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.errors import ContractRevertError
from zkfl.chain.states import RoundStatus
from zkfl.cli.exit_codes import ExitCode
from zkfl.node.admission import AdmissionError
from zkfl.node.dataset_versions import DatasetVersionError
from zkfl.node.records.errors import RecordsError, RecordsFileError

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
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


def with_patients(path: Path, prefix: str) -> None:
    """Add a column of patients to a file of records, two rows a patient."""
    header, *rows = path.read_text().splitlines()
    named = [f"{row},{prefix}{number // 2}" for number, row in enumerate(rows)]
    path.write_text("\n".join([f"{header},patient", *named, ""]))


def test_a_patient_is_in_one_version_only(
    site: "Site", make_records: MakeRecords, tmp_path: Path
) -> None:
    same, others = tmp_path / "same.csv", tmp_path / "others.csv"
    node = site.node("ada")
    for path, prefix in ((same, "p"), (others, "q")):
        make_records(path, 9, 80)
        with_patients(path, prefix)
    with pytest.raises(RecordsError, match="nobody can tell whether they share a patient"):
        node.add_records(others)
    with_patients(node.home.records, "p")
    with pytest.raises(RecordsError, match=r"share 5 patient\(s\)"):
        node.add_records(same)
    assert node.add_records(others) == 2
    assert len(node.seal()) == 4
    (node.home.root / "records-v2.csv").write_bytes(same.read_bytes())
    with pytest.raises(RecordsError, match=r"share 5 patient\(s\)"):
        node.admit()


def test_another_kind_of_file_is_refused(site: "Site", tmp_path: Path) -> None:
    with pytest.raises(DatasetVersionError, match=r"neither a \.csv nor a \.parquet"):
        site.node("ada").add_records(tmp_path / "newer.xlsx")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["1,2,3,0"] * 3, "3"),
        (["1,2,3,0", "1,2,3000,1", "1,2,3,0", "1,2,3,1"], "3000"),
        (["1,2,3,0", "1,2,3,7", "1,2,3,0", "1,2,3,1"], "7"),
        (["1,2,3"] * 5, "cells"),
    ],
)
def test_records_that_cannot_be_admitted_leave_nothing_behind(
    site: "Site", tmp_path: Path, lines: list[str], message: str
) -> None:
    newer = tmp_path / "newer.csv"
    newer.write_text("\n".join(["width,height,depth,ill", *lines]))
    node = site.node("ada")
    before = sorted(node.home.root.rglob("*"))
    with pytest.raises((RecordsError, RecordsFileError), match=message):
        node.add_records(newer)
    assert sorted(node.home.root.rglob("*")) == before
    assert node.home.latest_version() == 1
    assert node.admit() == []


def test_the_last_shards_are_retired_only_if_that_is_meant(
    run_zkfl: Run, rewarding_site: "Site"
) -> None:
    folder, rpc = rewarding_site.workspace.root, ("--rpc-url", rewarding_site.anvil.url)
    words = ("retire-shards", folder, "--site", "ada", "--below", 2, *rpc)
    refused = run_zkfl(*words)
    assert refused.status == ExitCode.NOT_NOW
    assert "retires every shard of ada, which has 2" in refused.err
    assert "--yes" in refused.err
    member = rewarding_site.node("ada").registry.member_of
    assert member(rewarding_site.address("ada")).first_shard == 0
    done = run_zkfl(*words, "--yes")
    assert done.status == 0, done.err
    assert member(rewarding_site.address("ada")).records == 0

    look = run_zkfl("preflight", folder, "--site", "ada", *rpc, "--json")
    findings = {entry["name"]: entry for entry in json.loads(look.out)["result"]["findings"]}
    assert findings["membership"]["detail"] == "active, with every shard retired"
    assert findings["membership"]["remedy"].endswith("--site ada --records NEWFILE")


def test_one_of_several_shards_is_retired_without_a_question(
    run_zkfl: Run, rewarding_site: "Site"
) -> None:
    folder, rpc = rewarding_site.workspace.root, ("--rpc-url", rewarding_site.anvil.url)
    done = run_zkfl("retire-shards", folder, "--site", "ada", "--below", 1, *rpc)
    assert done.status == 0, done.err


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
