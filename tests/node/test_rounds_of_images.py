"""A convolutional net takes the route of every other model, from records to the next model."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.states import G1Point
from zkfl.field import vector_from_bytes

if TYPE_CHECKING:
    from conftest import Site

pytestmark = pytest.mark.slow


def test_two_rounds_of_images_end_in_the_model_that_integers_give(
    new_site: Callable[..., "Site"],
) -> None:
    site = new_site("bfv", circuits="tiny-cnn")
    registry = site.node("ada").registry
    model = [0] * site.ground.spec.model_length
    for _ in range(2):
        expected = site.expected_model(site.run_round(), model)
        model = vector_from_bytes(site.workspace.store.get(registry.model_hash()), len(model))
        assert model == expected
        assert registry.model() == G1Point(*site.ground.committer.commit(model))
