"""A ciphertext that is not the proven update: nothing opens, the round fails, no harm done."""

from typing import TYPE_CHECKING

import pytest

from zkfl.aggregator.publication import SumDoesNotOpenError
from zkfl.aggregator.summation import CiphertextRefusedError
from zkfl.chain.states import FailureReason
from zkfl.field import SCALAR_MODULUS, vector_to_bytes
from zkfl.mailbox import OPENED_SUM, MailboxError
from zkfl.node.key_holder import SumRefusedError
from zkfl.node.key_store import load_he_secret

if TYPE_CHECKING:
    from conftest import Arena


def fails_unpublished(arena: "Arena") -> None:
    with pytest.raises(MailboxError, match="has no opened-sum yet"):
        arena.coordinator.publish_model(1)
    arena.anvil.advance_time(3_601)
    arena.outsider().fail_round(1)
    arena.require_failed(FailureReason.MODEL_NOT_PUBLISHED)


def test_the_helper_is_the_honest_submission(arena: "Arena") -> None:
    arena.submit_all(but="bay")
    arena.submit_by_hand("bay", vector=arena.masked("bay"))
    arena.coordinator.close_round(1)
    arena.coordinator.sum_updates(1)
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
        arena.coordinator.sum_updates(1)
    assert error.value.member == node.address
    fails_unpublished(arena)


def test_another_file_under_the_hash(arena: "Arena") -> None:
    arena.submit_all()
    parts = [arena.chain.participation(1, arena.nodes[name].address) for name in ("bay", "cay")]
    paths = [arena.workspace.root / "store" / part.ciphertext_hash.hex() for part in parts]
    paths[0].write_bytes(paths[1].read_bytes())
    arena.coordinator.close_round(1)
    with pytest.raises(CiphertextRefusedError, match="hashes to") as error:
        arena.coordinator.sum_updates(1)
    assert error.value.member == arena.nodes["bay"].address
    fails_unpublished(arena)


@pytest.mark.parametrize("kind", ["junk", "one entry more", "cut short"])
def test_a_file_that_is_no_ciphertext(kind: str, arena: "Arena") -> None:
    arena.submit_all(but="bay")
    public = arena.ground.store.get(arena.chain.round(1).encryption_context)
    honest = arena.ground.scheme.encrypt(public, arena.masked("bay"))
    longer = arena.ground.scheme.encrypt(public, [*arena.masked("bay"), 1])
    files = {"junk": b"\0" * 500, "one entry more": longer, "cut short": honest[:-1]}
    digest = arena.ground.store.put(files[kind])
    good = arena.committer.commit([0])
    arena.send("bay", arena.honest_proof("bay"), mask=good, digest=digest)
    expected = arena.nodes["bay"].address
    with pytest.raises(CiphertextRefusedError) as error:
        arena.coordinator.sum_updates(1)
    assert error.value.member == expected


@pytest.mark.parametrize("entry", [0, 4, 7])
def test_an_update_that_was_not_proven(entry: int, arena: "Arena") -> None:
    arena.submit_all(but="bay")
    vector = arena.masked("bay")
    vector[entry] = (vector[entry] + 1) % SCALAR_MODULUS
    arena.submit_by_hand("bay", vector=vector)
    arena.coordinator.close_round(1)
    arena.coordinator.sum_updates(1)
    with pytest.raises(SumRefusedError, match="does not open the chain's new model"):
        arena.nodes["ada"].open_sum(1)
    fails_unpublished(arena)


def test_a_key_holder_who_returns_it_all_the_same(arena: "Arena") -> None:
    """The aggregator checks as well, and so does every hospital."""
    arena.submit_all(but="bay")
    vector = [(10 * entry) % SCALAR_MODULUS for entry in arena.masked("bay")]
    arena.submit_by_hand("bay", vector=vector)
    arena.coordinator.close_round(1)
    encrypted = arena.ground.store.get(arena.coordinator.sum_updates(1))
    secret = load_he_secret(arena.nodes["ada"].home)
    total = arena.ground.scheme.decrypt(secret, encrypted, arena.spec.model_length)
    arena.ground.mailbox.put(1, OPENED_SUM, arena.ground.store.put(vector_to_bytes(total)))
    with pytest.raises(SumDoesNotOpenError, match="nothing is published"):
        arena.coordinator.publish_model(1)
    arena.anvil.advance_time(3_601)
    arena.outsider().fail_round(1)
    arena.require_failed(FailureReason.MODEL_NOT_PUBLISHED)
