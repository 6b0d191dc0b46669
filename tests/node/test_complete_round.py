"""Nodes and coordinator take a consortium through rounds, with either encryption scheme."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.states import G1Point, RoundStatus
from zkfl.field import SCALAR_MODULUS, vector_from_bytes
from zkfl.node.round_journal import RoundJournal
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.logistic_training.reference import logistic_update

if TYPE_CHECKING:
    from conftest import Site

HOSPITALS = ("ada", "bay", "cay")


def expected_model(site: "Site", round_id: int, model: list[int]) -> list[int]:
    """Return G' from the hospitals' secrets by integers alone."""
    after = list(model)
    for name in HOSPITALS:
        node = site.node(name)
        part = node.registry.participation(round_id, node.address)
        secrets = RoundJournal(node.home, round_id).vector("secrets", node.spec.secrets_length)
        assert secrets is not None
        context = node.registry.training_context(node.address, round_id)
        update, zeros = logistic_update(
            node.spec,
            data=node.vault.load(part.shard_index).vector,
            model=model,
            secrets=secrets,
            public=pack_public(site.consortium.noise_bound, context),
        )
        assert not any(zeros)
        after = [(g + part.weight * u) % SCALAR_MODULUS for g, u in zip(after, update, strict=True)]
    return after


@pytest.mark.parametrize("scheme", ["bfv", "ckks"])
def test_two_rounds_end_in_the_model_that_integers_give(
    new_site: Callable[[str], "Site"], scheme: str
) -> None:
    site = new_site(scheme)
    registry = site.node("ada").registry
    model = [0] * site.ground.spec.model_length
    for _ in range(2):
        round_id = site.run_round()
        state = registry.round(round_id)
        assert state.status == RoundStatus.FINAL
        expected = expected_model(site, round_id, model)
        model = vector_from_bytes(site.workspace.store.get(registry.model_hash()), len(model))
        assert model == expected
        assert (
            registry.model() == state.model_after == G1Point(*site.ground.committer.commit(model))
        )
