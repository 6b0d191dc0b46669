"""What is mined while somebody reads is left out as a whole: no false difference, no mixture."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.client import ChainClient
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.cli import output
from zkfl.cli.round_status import show_status
from zkfl.lineage import rebuild

if TYPE_CHECKING:
    from conftest import Site

ROUND = 1
HOSPITALS = ("ada", "bay", "cay")


@pytest.fixture
def published(submitted_site: "Site") -> "Site":
    """A round whose model nobody has acknowledged yet."""
    coordinator = submitted_site.coordinator()
    coordinator.close_round(ROUND)
    coordinator.announce_sum(ROUND)
    submitted_site.node("ada").open_sum(ROUND)
    coordinator.publish_model(ROUND)
    return submitted_site


@pytest.fixture
def reader(published: "Site") -> Registry:
    client = ChainClient(published.anvil.url, None, published.deployment.chain_id)
    return Registry(client, published.deployment.registry)


@pytest.fixture
def ends_during(published: "Site", monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the round become final when the registry has been asked something for the first time."""
    nodes = [published.node(name) for name in HOSPITALS]

    def arrange(name: str) -> None:
        honest = getattr(Registry, name)

        def answer(registry: Registry, *given: object) -> object:
            found = honest(registry, *given)
            monkeypatch.setattr(Registry, name, honest)
            for node in nodes:
                node.acknowledge(ROUND)
            return found

        monkeypatch.setattr(Registry, name, answer)

    return arrange


@pytest.mark.parametrize("name", ["final_round", "model", "events"])
def test_a_lineage_is_that_of_one_block(
    reader: Registry, ends_during: Callable[[str], None], name: str
) -> None:
    ends_during(name)
    assert rebuild(reader) == []
    assert reader.round(ROUND).status is RoundStatus.FINAL
    assert [final.card.round_id for final in rebuild(reader)] == [ROUND]


def test_a_status_is_that_of_one_block(
    reader: Registry, ends_during: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    before = reader.model_hash().hex()
    ends_during("cohort")
    output.start_output("status", as_json=True)
    show_status(reader)
    output.end_output()
    said = json.loads(capsys.readouterr().out)["result"]
    assert (said["status"], said["model"]) == ("PUBLISHED", before)
    assert {tuple(entry["did"]) for entry in said["hospitals"]} == {
        ("submitted", "not acknowledged")
    }
    assert reader.model_hash().hex() != before
