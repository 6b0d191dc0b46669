"""A hospital whose records would make too empty a shard is told before anything is proven."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.least_records import TooFewRecordsError
from zkfl.node.hospital import HospitalNode
from zkfl.node.turns import HospitalTurns

if TYPE_CHECKING:
    from conftest import Site

LEAST = 5
"""More than the site's consortium asks for, and one more than its schema does."""


def strict(site: "Site", name: str) -> HospitalNode:
    node = site.node(name)
    return HospitalNode(node.home, node.registry, replace(site.ground, minimum_records=LEAST))


def few(path: Path, records: Path, rows: int) -> Path:
    path.write_text("".join(records.read_text().splitlines(keepends=True)[: 1 + rows]))
    return path


def test_the_chain_asks_for_what_was_agreed(site: "Site") -> None:
    assert site.ground.minimum_records == 2
    assert site.coordinator().registry.config().minimum_records == 2


def test_too_few_records_are_neither_sealed_nor_proven(site: "Site") -> None:
    node, sent = strict(site, "dee"), site.sent("dee")
    few(node.home.records, node.home.records, LEAST - 1)
    with pytest.raises(TooFewRecordsError, match="4 records make 1 shards of 8 slots"):
        node.admit()
    assert (len(node.vault), site.sent("dee")) == (0, sent)


def test_a_version_of_too_few_records_is_not_taken(site: "Site", tmp_path: Path) -> None:
    node = strict(site, "ada")
    short = few(tmp_path / "new.csv", site.node("dee").home.records, LEAST - 1)
    with pytest.raises(TooFewRecordsError, match="the emptiest with 4"):
        node.add_records(short)
    assert node.home.latest_version() == 1


def test_a_node_with_too_few_records_waits_for_its_operator(site: "Site") -> None:
    """It goes on: once the file holds enough records, the same process admits them."""
    node, registry = strict(site, "dee"), site.coordinator().registry
    deadline = registry.round(1).deadline
    site.anvil.advance_time(deadline + 1 - registry.client.block_timestamp())
    registry.push_round(1)
    records = node.home.records.read_text()
    few(node.home.records, node.home.records, LEAST - 1)
    turns = HospitalTurns(node)
    waiting = turns.take()
    assert waiting.done == ("mask key announced",)
    assert waiting.waits_for.startswith("its operator: 4 records make 1 shards of 8 slots")
    assert waiting.warning in waiting.waits_for
    node.home.records.write_text(records)
    assert turns.take().done == ("2 shards admitted",)
