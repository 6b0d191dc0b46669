"""A proof of one circuit is no proof of the other."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]
NewShard = Callable[[int, int], list[int]]

POINT = 64


def admission_proof(arena: "Arena") -> bytes:
    return arena.prove_admission(arena.admission_inputs("ada", arena.shard("ada"), 8)).data


def test_an_admission_proof_as_a_training_proof(arena: "Arena", refused: Refused) -> None:
    """Its first point is the admitted shard, as the contract wants; the second no model."""
    with refused("ModelCommitmentMismatch"):
        arena.send("ada", admission_proof(arena))


def test_a_training_proof_as_an_admission_proof(
    arena: "Arena", refused: Refused, new_shard: NewShard
) -> None:
    arena.push()
    ada = arena.nodes["ada"].registry
    with refused("CommitmentAlreadyUsed"):
        ada.admit_shard(8, arena.honest_proof("ada"))
    with refused("PublicScalarsMismatch"):
        ada.admit_shard(8, arena.prove_training("ada", data=new_shard(8, 3)).data)


def test_commitments_of_the_one_before_evaluations_of_the_other(
    arena: "Arena", refused: Refused
) -> None:
    """Every link to the chain holds; the rest comes from the other circuit's proof."""
    links = arena.honest_proof("ada")[: 6 * POINT]
    rest = admission_proof(arena)[6 * POINT :]
    whole = (links + rest).ljust(len(arena.honest_proof("ada")), b"\0")
    with refused("InvalidProof"):
        arena.send("ada", whole[: len(arena.honest_proof("ada"))])


def test_the_router_tells_them_apart(arena: "Arena", refused: Refused) -> None:
    config, admission = arena.chain.config(), admission_proof(arena)
    training = arena.honest_proof("ada")
    arena.router.require_valid(config.admission_circuit, admission)
    arena.router.require_valid(config.training_circuit, training)
    for circuit, proof in (
        (config.training_circuit, admission),
        (config.admission_circuit, training),
    ):
        length = arena.router.route(circuit).proof_length
        with refused("ProofLengthMismatch"):
            arena.router.require_valid(circuit, proof)
        with refused("InvalidProof"):
            arena.router.require_valid(circuit, proof[:length].ljust(length, b"\0"))
