"""The accept path beside every refusal: an honest round over the arena becomes final."""

from typing import TYPE_CHECKING

from zkfl.chain.states import RoundStatus
from zkfl.curve import G1Point
from zkfl.field import SCALAR_MODULUS, vector_from_bytes
from zkfl.zk_circuits.training_reference import training_update

if TYPE_CHECKING:
    from conftest import Arena


def test_an_honest_round_is_final_with_the_model_that_integers_give(arena: "Arena") -> None:
    arena.submit_all()
    arena.coordinator.close_round(1)
    arena.coordinator.announce_sum(1)
    arena.nodes["ada"].open_sum(1)
    arena.coordinator.publish_model(1)
    for node in arena.nodes.values():
        node.acknowledge(1)
    state = arena.chain.round(1)
    assert state.status == RoundStatus.FINAL

    expected = [0] * arena.spec.model_length
    for name, node in arena.nodes.items():
        inputs = arena.training_inputs(name)
        update, zeros = training_update(arena.spec, **inputs)
        assert not any(zeros)
        weight = arena.chain.participation(1, node.address).weight
        expected = [
            (g + weight * u) % SCALAR_MODULUS for g, u in zip(expected, update, strict=True)
        ]
    stored = arena.ground.store.get(arena.chain.model_hash())
    assert vector_from_bytes(stored, arena.spec.model_length) == expected
    assert arena.chain.model() == G1Point(*arena.committer.commit(expected))
