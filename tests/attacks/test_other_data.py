"""A proof over anything but the shard that the chain selected is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from zkfl.field import random_elements

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]
NewShard = Callable[[int, int], list[int]]


def test_another_hospitals_shard(arena: "Arena", refused: Refused) -> None:
    proof = arena.prove_training("ada", data=arena.shard("bay"))
    with refused("DataCommitmentMismatch") as error:
        arena.send("ada", proof.data)
    admitted = arena.chain.shard_of(arena.nodes["bay"].address, 0).commitment
    assert error.values["actual"] == admitted._asdict()


def test_a_shard_never_admitted(arena: "Arena", refused: Refused, new_shard: NewShard) -> None:
    proof = arena.prove_training("ada", data=new_shard(8, 99))
    with refused("DataCommitmentMismatch"):
        arena.send("ada", proof.data)


def test_an_own_shard_that_was_not_selected(arena: "Arena", refused: Refused) -> None:
    other = 1 - arena.selected("cay")
    proof = arena.prove_training("cay", data=arena.shard("cay", other))
    with refused("DataCommitmentMismatch"):
        arena.send("cay", proof.data)


def test_the_admitted_records_with_other_blinders(arena: "Arena", refused: Refused) -> None:
    records = arena.shard("ada")[: -arena.spec.data_blinders]
    proof = arena.prove_training("ada", data=records + random_elements(arena.spec.data_blinders))
    with refused("DataCommitmentMismatch"):
        arena.send("ada", proof.data)


def test_one_label_turned(arena: "Arena", refused: Refused) -> None:
    data = arena.shard("ada")
    first_label = arena.spec.slots * (arena.spec.features + 1)
    data[first_label] = arena.spec.one - data[first_label]
    with refused("DataCommitmentMismatch"):
        arena.send("ada", arena.prove_training("ada", data=data).data)
