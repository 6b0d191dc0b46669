"""Nothing counts twice, and nothing counts for whoever copied it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from zkfl.chain.states import RoundStatus

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]
NewShard = Callable[[int, int], list[int]]


def test_the_same_submission_twice(arena: "Arena", refused: Refused) -> None:
    proof = arena.honest_proof("ada")
    arena.send("ada", proof)
    with refused("AlreadySubmitted") as error:
        arena.send("ada", proof)
    assert error.values == {"roundId": 1, "member": arena.nodes["ada"].address}


def test_a_second_proof_in_the_same_round(arena: "Arena", refused: Refused) -> None:
    arena.send("ada", arena.honest_proof("ada"))
    with refused("AlreadySubmitted"):
        arena.send("ada", arena.prove_training("ada").data)


def test_a_front_runner_gains_nothing(arena: "Arena", refused: Refused) -> None:
    """Bay sees Ada's transaction before it is mined and sends the same bytes first."""
    proof = arena.honest_proof("ada")
    seen = arena.calldata("submitUpdate", 1, proof, tuple(arena.committer.zero), b"\1" * 32)
    with refused("DataCommitmentMismatch"):
        arena.send_raw("bay", seen)
    arena.send_raw("ada", seen)
    with refused("DataCommitmentMismatch"):
        arena.send_raw("bay", seen)
    assert arena.chain.round(1).submissions == 1


def test_a_front_runner_who_copies_mask_and_ciphertext(arena: "Arena") -> None:
    """Hashes and masks can be copied; that spoils the copier's own part alone."""
    arena.nodes["ada"].submit(1)
    part = arena.chain.participation(1, arena.nodes["ada"].address)
    proof = arena.honest_proof("bay")
    arena.send("bay", proof, mask=part.mask, digest=part.ciphertext_hash)
    arena.nodes["cay"].submit(1)
    arena.coordinator.close_round(1)
    assert arena.chain.round(1).status == RoundStatus.DISPUTED
    assert arena.chain.model() == arena.committer.zero


def test_an_admission_twice(arena: "Arena", refused: Refused) -> None:
    arena.push()
    inputs = arena.admission_inputs("ada", arena.shard("ada"), 8)
    proof = arena.prove_admission(inputs)
    with refused("CommitmentAlreadyUsed"):
        arena.nodes["ada"].registry.admit_shard(8, proof.data)


def test_an_admission_of_records_that_another_admitted(arena: "Arena", refused: Refused) -> None:
    """Knowing another's vector is not enough: a commitment belongs to its first owner."""
    arena.push()
    proof = arena.prove_admission(arena.admission_inputs("bay", arena.shard("ada"), 8))
    with refused("CommitmentAlreadyUsed"):
        arena.nodes["bay"].registry.admit_shard(8, proof.data)


def test_an_admission_seen_before_it_was_mined(
    arena: "Arena", refused: Refused, new_shard: NewShard
) -> None:
    arena.push()
    proof = arena.prove_admission(arena.admission_inputs("ada", new_shard(8, 5), 8)).data
    with refused("PublicScalarsMismatch"):
        arena.nodes["bay"].registry.admit_shard(8, proof)
    arena.nodes["ada"].registry.admit_shard(8, proof)
    with refused("CommitmentAlreadyUsed"):
        arena.nodes["ada"].registry.admit_shard(8, proof)
