"""Nodes and coordinator take a consortium through rounds, with either encryption scheme."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.states import G1Point, RoundStatus
from zkfl.field import vector_from_bytes

if TYPE_CHECKING:
    from conftest import Site


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
        expected = site.expected_model(round_id, model)
        model = vector_from_bytes(site.workspace.store.get(registry.model_hash()), len(model))
        assert model == expected
        assert (
            registry.model() == state.model_after == G1Point(*site.ground.committer.commit(model))
        )
