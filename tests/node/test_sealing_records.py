"""From a CSV file to sealed shards: their layout, and the files that make none."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zkfl.errors import ZkflError
from zkfl.node.home import NodeHome
from zkfl.node.records.errors import RecordsError, RecordsFileError
from zkfl.node.records.load import load_records
from zkfl.node.records.shards import MIN_KEY_BYTES
from zkfl.node.records.standardise import FeatureBounds, preprocess, quantise
from zkfl.node.shuffling_key import (
    ShufflingKeyError,
    create_shuffling_key,
    load_shuffling_key,
)
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_data, unpack_data

if TYPE_CHECKING:
    from conftest import Site

HEADER = "width,height,depth,ill"
GOOD = ["10,20,30,0", "40,50,60,1", "70,80,90,0", "15,25,35,1"]


@pytest.mark.parametrize(
    ("lines", "error", "message"),
    [
        (["width,height,ill", "1,2,0"] * 1, RecordsError, r"depth"),
        ([HEADER, *GOOD[:3], "10,nan,30,1"], RecordsError, r"row 4, column 'height'.*missing"),
        ([HEADER, *GOOD[:3], "10,,30,1"], RecordsError, r"row 4, column 'height'.*missing"),
        ([HEADER, *GOOD[:3], "10,inf,30,1"], RecordsError, "is not a number"),
        ([HEADER, *GOOD[:3], "10,1e400,30,1"], RecordsError, "finite"),
        ([HEADER, *GOOD[:3], "10,100.5,30,1"], RecordsError, r"outside \[0, 100\] mm"),
        ([HEADER, *GOOD[:3], "10,-1,30,1"], RecordsError, r"outside \[0, 100\] mm"),
        ([HEADER, *GOOD[:3], "10,=1+1,30,1"], RecordsError, "is not a number"),
        ([HEADER, *GOOD[:3]], RecordsError, "3 record.*at least 4"),
        ([HEADER, *GOOD, "10,20,30,2"], RecordsError, "label 2 must be 0 or 1"),
        ([HEADER, *GOOD, "10,20,30,-1"], RecordsError, "label -1 must be 0 or 1"),
        ([HEADER, *GOOD, "10,20,30,0.5"], RecordsError, "must be 0 or 1"),
        ([HEADER, *GOOD, "10,20,30,"], RecordsError, "label nan must be 0 or 1"),
        ([HEADER + ",name", *(line + ",Ann" for line in GOOD)], RecordsError, "unknown to schema"),
        ([HEADER, *GOOD, "10,20"], RecordsFileError, "row"),
        ([HEADER.replace("height", "width"), *GOOD], RecordsFileError, "width"),
        ([], RecordsFileError, "empty"),
    ],
)
def test_records_that_break_the_schema_make_no_shard(
    site: "Site", lines: list[str], error: type[ZkflError], message: str
) -> None:
    node = site.node("dee")
    node.home.records.write_text("\n".join(lines))
    with pytest.raises(error, match=message):
        node.admit()
    assert not (node.home.root / "state" / "shards").exists()
    assert site.sent("dee") == 0


def test_missing_records_make_no_shard(site: "Site") -> None:
    node = site.node("dee")
    node.home.records.unlink()
    with pytest.raises(RecordsFileError, match=r"records\.csv"):
        node.seal()


def test_sealed_shards_hold_every_record_once_and_pad_with_zeros(site: "Site") -> None:
    """12 records in shards of 8 slots: two of 6, and blinders that nobody else has."""
    node = site.node("ada")
    table = load_records(node.home.records, node.ground.schema)
    bounds = FeatureBounds(TINY.feature_bound, TINY.norm_bound, TINY.scale_bits)
    features = quantise(preprocess(table, node.ground.schema, bounds), bounds)
    expected = sorted(
        (*map(int, row), int(label) * TINY.one)
        for row, label in zip(features, table["ill"], strict=True)
    )
    found = []
    shards = node.seal()
    assert [shard.count for shard in shards] == [6, 6]
    for shard in shards:
        assert len(shard.vector) == TINY.data_length
        records = unpack_data(TINY, shard.vector)
        assert records.mask.tolist() == [TINY.one] * 6 + [0] * 2
        assert not records.features[6:].any()
        assert not records.labels[6:].any()
        assert set(records.labels.tolist()) == {0, TINY.one}, "each shard has both classes"
        for row, label in zip(records.features[:6], records.labels[:6], strict=True):
            found.append((*map(int, row), int(label)))
    assert sorted(found) == expected


def test_a_data_vector_is_rows_with_their_mask_then_labels_then_blinders(site: "Site") -> None:
    shard = site.node("cay").seal()[0]
    records = unpack_data(TINY, shard.vector)
    blinders = shard.vector[-TINY.data_blinders :]
    labels = records.labels[: shard.count] // TINY.one
    assert pack_data(TINY, records.features[: shard.count], labels, blinders) == shard.vector
    width = TINY.features + 1
    assert shard.vector[width - 1 : width * TINY.slots : width] == records.mask.tolist()
    assert shard.vector[width * TINY.slots : -TINY.data_blinders] == records.labels.tolist()
    assert np.count_nonzero([b > 1 << 200 for b in blinders]) == TINY.data_blinders


def test_what_was_sealed_is_what_the_chain_admitted(site: "Site") -> None:
    node = site.node("ada")
    for shard in node.seal():
        admitted = node.registry.shard_of(node.address, shard.index)
        assert admitted.commitment == node.ground.committer.commit(shard.vector)
        assert (admitted.count, admitted.openings) == (shard.count, 1)


def test_shards_are_cut_by_a_key_that_was_there_before_them(site: "Site") -> None:
    """A copy of keys/ made after joining holds it."""
    home = site.home("dee")
    drawn = home.shuffling_key.read_bytes()
    assert len(drawn) >= MIN_KEY_BYTES
    site.node("dee").seal()
    assert home.shuffling_key.read_bytes() == drawn
    with pytest.raises(ShufflingKeyError, match=r"shuffle\.key exists"):
        create_shuffling_key(home)


def test_a_folder_of_an_earlier_version_draws_the_key_with_its_first_shard(
    tmp_path: Path,
) -> None:
    home = NodeHome.create(tmp_path / "node")
    assert load_shuffling_key(home, 0) == load_shuffling_key(home, 1)


def test_beside_shards_a_lost_shuffling_key_is_not_drawn_anew(site: "Site") -> None:
    node = site.node("ada")
    node.home.shuffling_key.unlink()
    with pytest.raises(ShufflingKeyError, match=r"2 shards were cut with it: restore"):
        node.seal()
    assert not node.home.shuffling_key.exists()
