"""A proof for another round, another model or another noise bound is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.field import SCALAR_MODULUS, random_elements
from zkfl.zk_circuits.layout import pack_model, pack_public

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]


def test_another_rounds_proof(arena: "Arena", refused: Refused) -> None:
    early = arena.prove_training("ada", round_id=2)
    with refused("PublicScalarsMismatch"):
        arena.send("ada", early.data)


def test_the_proof_of_a_failed_round_in_the_next_one(arena: "Arena", refused: Refused) -> None:
    arena.send("ada", arena.honest_proof("ada"))
    arena.push()
    assert arena.coordinator.open_round()[0] == 2
    for name in ("ada", "bay"):
        with refused("PublicScalarsMismatch"):
            arena.send(name, arena.honest_proof(name), round_id=2)


def test_the_update_of_a_failed_round_proven_again(arena: "Arena", refused: Refused) -> None:
    """An update is counted once: the same blinders would open it twice."""
    arena.send("ada", arena.honest_proof("ada"))
    arena.push()
    arena.coordinator.open_round()
    again = arena.prove_training("ada", round_id=2)
    with refused("CommitmentAlreadyUsed") as error:
        arena.send("ada", again.data, round_id=2)
    assert error.values["commitment"] == dict(zip("xy", again.points["update"], strict=True))


@pytest.mark.parametrize(
    "model",
    [[1, 0, 0, 0], [0, 0, 0, -1], [1 << 49, -(1 << 49), 5, 7]],
)
def test_another_model(model: list[int], arena: "Arena", refused: Refused) -> None:
    proof = arena.prove_training("ada", model=pack_model(arena.spec, model))
    with refused("ModelCommitmentMismatch") as error:
        arena.send("ada", proof.data)
    assert error.values["expected"] == arena.committer.zero._asdict()


def test_the_right_parameters_with_other_blinders(arena: "Arena", refused: Refused) -> None:
    blinders = random_elements(arena.spec.update_blinders)
    model = pack_model(arena.spec, [0] * arena.spec.parameters, blinders)
    with refused("ModelCommitmentMismatch"):
        arena.send("ada", arena.prove_training("ada", model=model).data)


@pytest.mark.parametrize("bound", [0, 7, 9, SCALAR_MODULUS - 1])
def test_another_noise_bound(bound: int, arena: "Arena", refused: Refused) -> None:
    context = arena.chain.training_context(arena.nodes["ada"].address, 1)
    secrets = [0] * arena.spec.parameters + arena.secrets("ada")[arena.spec.parameters :]
    proof = arena.prove_training("ada", public=pack_public(bound, context), secrets=secrets)
    with refused("PublicScalarsMismatch"):
        arena.send("ada", proof.data)
