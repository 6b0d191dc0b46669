"""The same rounds with one store for all, and with a store for each party and Flower between."""

from typing import TYPE_CHECKING

import pytest

from zkfl.aggregator.turns import AggregatorTurns
from zkfl.chain.states import G1Point, RoundStatus
from zkfl.field import vector_from_bytes
from zkfl.node.turns import HospitalTurns

if TYPE_CHECKING:
    from conftest import FlowerFederation, Site

HOSPITALS = ("ada", "bay", "cay")
ROUNDS = 2


def run_in_one_folder(site: "Site") -> None:
    parties = [HospitalTurns(site.node(name)) for name in HOSPITALS]
    office = AggregatorTurns(site.coordinator(), ROUNDS, 3)
    for _ in range(20):
        for party in (*parties, office):
            party.take()
        if office.is_finished():
            return
    pytest.fail("the rounds do not end")


@pytest.mark.parametrize("transport", ["folder", "flower"])
def test_two_rounds_end_in_the_model_that_integers_give(
    federation: "FlowerFederation", transport: str
) -> None:
    site, registry = federation.site, federation.site.coordinator().registry
    if transport == "folder":
        run_in_one_folder(site)
        stores = [site.workspace.store]
    else:
        federation.run(ROUNDS)
        stores = [federation.store(name) for name in (*HOSPITALS, "aggregator")]
    model = [0] * site.ground.spec.model_length
    for round_id in range(1, ROUNDS + 1):
        model = site.expected_model(round_id, model)
        state = registry.round(round_id)
        assert state.status is RoundStatus.FINAL
        assert state.model_after == G1Point(*site.ground.committer.commit(model))
    assert registry.final_round() == ROUNDS
    for store in stores:
        assert vector_from_bytes(store.get(registry.model_hash()), len(model)) == model
    if transport == "flower":
        assert updates_held(federation) == {
            "ada": set(HOSPITALS),
            "bay": {"bay"},
            "cay": {"cay"},
            "aggregator": set(HOSPITALS),
        }


def updates_held(federation: "FlowerFederation") -> dict[str, set[str]]:
    """Return whose encrypted updates of the last round each party's own store holds."""
    site, registry = federation.site, federation.site.coordinator().registry
    updates = {
        name: registry.participation(ROUNDS, site.address(name)).ciphertext_hash
        for name in HOSPITALS
    }
    return {
        name: {of for of, digest in updates.items() if federation.store(name).holds(digest)}
        for name in (*HOSPITALS, "aggregator")
    }
