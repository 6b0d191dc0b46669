"""A ciphertext that is not the proven update: the round becomes final from the reveals."""

from typing import TYPE_CHECKING

import pytest

from zkfl.aggregator.coordinator import CoordinatorError
from zkfl.chain.states import BlameReason, FailureReason, RoundStatus
from zkfl.ciphertext_sum import CiphertextRefusedError
from zkfl.field import SCALAR_MODULUS
from zkfl.next_model import SumDoesNotOpenError
from zkfl.node.key_store import load_he_secret

if TYPE_CHECKING:
    from conftest import Arena


def missed(arena: "Arena") -> bytes:
    """Return the role that the chain says missed the last step."""
    [event] = arena.chain.events(names=["StepMissed"])
    return bytes(event.values["role"])


def role(arena: "Arena", name: str) -> bytes:
    return bytes(arena.chain.client.call(arena.chain.address, arena.chain.abi, name))


def recovers_unannounced(arena: "Arena") -> None:
    with pytest.raises(CoordinatorError, match="is not opened"):
        arena.coordinator.publish_model(1)
    arena.push()
    assert missed(arena) == role(arena, "AGGREGATOR_ROLE")
    arena.recover()
    arena.require_true_model()
    arena.require_excluded(reason=BlameReason.NONE)


def test_the_helper_is_the_honest_submission(arena: "Arena") -> None:
    arena.submit_all(but="bay")
    arena.submit_by_hand("bay", vector=arena.masked("bay"))
    arena.coordinator.close_round(1)
    arena.coordinator.announce_sum(1)
    arena.nodes["ada"].open_sum(1)
    arena.coordinator.publish_model(1)


def test_no_file_of_the_hash_on_chain(arena: "Arena") -> None:
    arena.submit_all(but="bay")
    node = arena.nodes["bay"]
    node.submit(1)
    digest = arena.chain.participation(1, node.address).ciphertext_hash
    (arena.workspace.root / "store" / digest.hex()).unlink()
    arena.coordinator.close_round(1)
    with pytest.raises(CiphertextRefusedError) as error:
        arena.coordinator.announce_sum(1)
    assert error.value.member == node.address
    recovers_unannounced(arena)


def test_another_file_under_the_hash(arena: "Arena") -> None:
    arena.submit_all()
    parts = [arena.chain.participation(1, arena.nodes[name].address) for name in ("bay", "cay")]
    paths = [arena.workspace.root / "store" / part.ciphertext_hash.hex() for part in parts]
    paths[0].write_bytes(paths[1].read_bytes())
    arena.coordinator.close_round(1)
    with pytest.raises(CiphertextRefusedError, match="hashes to") as error:
        arena.coordinator.announce_sum(1)
    assert error.value.member == arena.nodes["bay"].address
    recovers_unannounced(arena)


@pytest.mark.parametrize("kind", ["junk", "one entry more", "cut short"])
def test_a_file_that_is_no_ciphertext(kind: str, arena: "Arena") -> None:
    arena.submit_all(but="bay")
    public = arena.ground.store.get(arena.chain.round(1).encryption_context)
    honest = arena.ground.scheme.encrypt(public, arena.masked("bay"))
    longer = arena.ground.scheme.encrypt(public, [*arena.masked("bay"), 1])
    files = {"junk": b"\0" * 500, "one entry more": longer, "cut short": honest[:-1]}
    digest = arena.ground.store.put(files[kind])
    mask = arena.committer.commit(arena.mask("bay"))
    arena.send("bay", arena.honest_proof("bay"), mask=mask, digest=digest)
    arena.coordinator.close_round(1)
    expected = arena.nodes["bay"].address
    with pytest.raises(CiphertextRefusedError) as error:
        arena.coordinator.announce_sum(1)
    assert error.value.member == expected


@pytest.mark.parametrize("entry", [0, 4, 7])
def test_an_update_that_was_not_proven(entry: int, arena: "Arena") -> None:
    arena.submit_all(but="bay")
    vector = arena.masked("bay")
    vector[entry] = (vector[entry] + 1) % SCALAR_MODULUS
    refused_then_recovered(arena, vector)


def test_numbers_that_are_no_limbs(arena: "Arena") -> None:
    """Masks, or nothing at all: whatever decrypts does not open the new model."""
    arena.submit_all(but="bay")
    refused_then_recovered(arena, [0] * arena.spec.model_length)


def refused_then_recovered(arena: "Arena", vector: list[int]) -> None:
    """The key holder says so on chain, and the round needs neither it nor the aggregator."""
    arena.submit_by_hand("bay", vector=vector)
    arena.coordinator.close_round(1)
    arena.coordinator.announce_sum(1)
    arena.nodes["ada"].open_sum(1)
    state = arena.chain.round(1)
    assert (state.status, state.sum_hash) == (RoundStatus.REVEALING, bytes(32))
    [event] = arena.chain.events(names=["SumRefused"])
    assert event.values["encryptedSumHash"] == state.encrypted_sum_hash
    arena.recover()
    arena.require_true_model()


def test_the_liar_does_not_reveal(arena: "Arena") -> None:
    arena.submit_all(but="bay")
    vector = [(10 * entry) % SCALAR_MODULUS for entry in arena.masked("bay")]
    arena.submit_by_hand("bay", vector=vector)
    arena.coordinator.close_round(1)
    arena.coordinator.announce_sum(1)
    arena.nodes["ada"].open_sum(1)
    for name in ("ada", "cay"):
        arena.nodes[name].reveal(1)
    arena.push()
    arena.require_excluded("bay", reason=BlameReason.UPDATE_NOT_REVEALED)
    arena.require_failed(FailureReason.UPDATES_NOT_REVEALED)


def test_a_key_holder_who_returns_it_all_the_same(arena: "Arena") -> None:
    """The aggregator checks as well, and so does every hospital."""
    arena.submit_all(but="bay")
    vector = [(10 * entry) % SCALAR_MODULUS for entry in arena.masked("bay")]
    arena.submit_by_hand("bay", vector=vector)
    arena.coordinator.close_round(1)
    arena.coordinator.announce_sum(1)
    encrypted = arena.ground.store.get(arena.chain.round(1).encrypted_sum_hash)
    secret = load_he_secret(arena.nodes["ada"].home)
    arena.state_sum(arena.ground.scheme.decrypt(secret, encrypted, arena.spec.model_length))
    with pytest.raises(SumDoesNotOpenError, match="nothing is published"):
        arena.coordinator.publish_model(1)
    arena.push()
    arena.recover()
    arena.require_true_model()
