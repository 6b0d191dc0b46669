"""State that was lost, exchanged or damaged: the right error, and nothing sent."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.errors import ContractRevertError, RpcError
from zkfl.chain.sender import TransactionSender
from zkfl.chain.states import Shard
from zkfl.curve import G1, multiply
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS, vector_from_bytes
from zkfl.model_opening import open_model
from zkfl.node.admission import AdmissionError
from zkfl.node.errors import HospitalError
from zkfl.node.home import NodeHome, NodeHomeError
from zkfl.node.home_binding import HomeBindingError
from zkfl.node.opening_count import OpeningCountError
from zkfl.node.round_journal import RoundJournalError
from zkfl.node.shard_vault import ShardVaultError
from zkfl.node.training import UpdateMismatchError
from zkfl.zk_circuits.prover import InvalidProofError

if TYPE_CHECKING:
    from conftest import Site

Damage = Callable[[bytes], bytes]


def flip(place: int) -> Damage:
    """Change the lowest bit of one byte."""

    def damage(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[place] ^= 1
        return bytes(changed)

    return damage


def above_the_modulus(content: bytes) -> bytes:
    return (SCALAR_MODULUS).to_bytes(32, "big") + content[32:]


def halve(content: bytes) -> bytes:
    return content[: len(content) // 2]


def change(path: Path, damage: Damage) -> None:
    path.write_bytes(damage(path.read_bytes()))


def refuses(site: "Site", error: type[ZkflError], message: str, name: str = "bay") -> None:
    """Submitting fails in this way; nothing is sent, nothing stored for others to see."""
    sent, stored = site.sent(name), site.stored()
    with pytest.raises(error, match=message):
        site.node(name).submit(1)
    assert (site.sent(name), site.stored()) == (sent, stored)


def cut_off(*_: object) -> None:
    raise RpcError("cut off")


# --- the folder as a whole ---


def test_the_state_of_another_hospital_is_refused(site: "Site") -> None:
    state = site.home("ada").root / "state"
    shutil.rmtree(state)
    shutil.copytree(site.home("bay").root / "state", state)
    refuses(site, HomeBindingError, f"serves member {site.address('bay')}", "ada")


@pytest.mark.parametrize(
    ("entry", "value"),
    [("registry", "0x" + "11" * 20), ("chain_id", 1), ("genesis", "00" * 32)],
    ids=["another registry", "another chain", "a chain that was reset"],
)
def test_the_state_of_another_consortium_is_refused(
    site: "Site", entry: str, value: object
) -> None:
    path = site.home("bay").binding
    path.write_text(json.dumps(json.loads(path.read_text()) | {entry: value}))
    refuses(site, HomeBindingError, r"but was opened for member .* state must not")


def test_a_binding_of_another_version_is_refused(site: "Site") -> None:
    site.home("bay").binding.write_bytes(b'{"format":"zkfl.home.v9"}')
    refuses(site, HomeBindingError, "has the format 'zkfl.home.v9'.* do not remove it")


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 4000])
def test_a_damaged_binding_is_refused(site: "Site", content: bytes) -> None:
    site.home("bay").binding.write_bytes(content)
    refuses(site, HomeBindingError, r"binding\.json is damaged")


def test_an_old_copy_of_the_state_is_recognised(site: "Site") -> None:
    """The round after, a folder from before the last submission knows too little."""
    old = site.workspace.root / "old"
    shutil.copytree(site.home("bay").root / "state", old)
    for name in ("ada", "bay", "cay"):
        site.node(name).submit(1)
    site.anvil.advance_time(site.consortium.submission_window + 1)
    coordinator = site.coordinator()
    coordinator.close_round(1)
    coordinator.announce_sum(1)
    site.node("ada").open_sum(1)
    open_model(coordinator.registry, 1, site.ground)
    coordinator.open_round()
    shutil.rmtree(site.home("bay").root / "state")
    old.rename(site.home("bay").root / "state")
    sent = site.sent("bay")
    with pytest.raises(OpeningCountError, match="restored from an old copy"):
        site.node("bay").submit(2)
    assert site.sent("bay") == sent


def test_an_old_copy_within_a_round_does_not_submit_again(site: "Site") -> None:
    old = site.workspace.root / "old"
    shutil.copytree(site.home("bay").root / "state", old)
    site.node("bay").submit(1)
    shutil.rmtree(site.home("bay").root / "state")
    old.rename(site.home("bay").root / "state")
    sent = site.sent("bay")
    assert site.node("bay").submit(1) is None
    assert site.sent("bay") == sent


# --- shards ---


@pytest.mark.parametrize(
    ("file", "damage", "error", "message"),
    [
        ("data.vector", flip(31), HospitalError, "is not the one on chain"),
        ("data.vector", flip(-1), HospitalError, "is not the one on chain"),
        ("data.vector", halve, ShardVaultError, r"damaged .* bytes of"),
        ("data.vector", lambda _: b"", ShardVaultError, "has 0 bytes of"),
        ("data.vector", above_the_modulus, ShardVaultError, "damaged"),
        ("count", lambda _: b"7", HospitalError, "is not the one on chain"),
        ("count", lambda _: b"many", ShardVaultError, "damaged"),
        ("count", lambda _: b"\xff", ShardVaultError, "damaged"),
    ],
)
def test_a_damaged_shard_is_refused_before_it_is_proven(
    site: "Site", file: str, damage: Damage, error: type[ZkflError], message: str
) -> None:
    change(site.home("bay").shard(0) / file, damage)
    refuses(site, error, message)
    assert site.journal("bay").proof() is None


def test_exchanged_shards_are_refused(site: "Site") -> None:
    first, second = (site.home("ada").shard(index) for index in (0, 1))
    for file in ("data.vector", "count"):
        ours, theirs = (first / file).read_bytes(), (second / file).read_bytes()
        (first / file).write_bytes(theirs)
        (second / file).write_bytes(ours)
    refuses(site, HospitalError, "is not the one on chain", "ada")
    with pytest.raises(AdmissionError, match="a shard is damaged"):
        site.node("ada").admit()


def test_a_lost_shard_is_refused(site: "Site") -> None:
    shutil.rmtree(site.home("bay").shard(0))
    refuses(site, ShardVaultError, "holds no shard 0")


@pytest.mark.parametrize("change_of", ["more", "fewer", "another"])
def test_records_that_changed_after_sealing_are_refused(site: "Site", change_of: str) -> None:
    """Two deals must not be mixed: a record could then be in two shards."""
    node = site.node("ada")
    lines = node.home.records.read_text().splitlines()
    changed = {
        "more": [*lines, *lines[1:]],
        "fewer": lines[:5],
        "another": [*lines[:-1], "1,2,3,0"],
    }
    node.home.records.write_text("\n".join(changed[change_of]) + "\n")
    kept = {path.name for path in (node.home.root / "state" / "shards").iterdir()}
    with pytest.raises(AdmissionError, match="the records have changed since they were sealed"):
        node.admit()
    assert {path.name for path in (node.home.root / "state" / "shards").iterdir()} == kept


# --- the journal of the round ---


@pytest.mark.parametrize(
    ("file", "damage", "error", "message"),
    [
        ("update.vector", flip(31), UpdateMismatchError, "commits to another update"),
        ("update.vector", halve, RoundJournalError, "update.vector is damaged"),
        ("update.vector", above_the_modulus, RoundJournalError, "update.vector is damaged"),
        ("training.proof", flip(10), UpdateMismatchError, "commits to another data"),
        ("training.proof", flip(4 * 64), UpdateMismatchError, "commits to another update"),
        ("training.proof", lambda _: b"", InvalidProofError, "cannot hold"),
    ],
)
def test_a_damaged_proof_or_update_is_refused(
    proven_site: "Site", file: str, damage: Damage, error: type[ZkflError], message: str
) -> None:
    change(proven_site.home("bay").round(1) / file, damage)
    refuses(proven_site, error, message)


def test_a_proof_damaged_further_on_is_refused_by_the_chain(proven_site: "Site") -> None:
    change(proven_site.home("bay").round(1) / "training.proof", flip(-1))
    sent = proven_site.sent("bay")
    with pytest.raises(ContractRevertError):
        proven_site.node("bay").submit(1)
    assert proven_site.sent("bay") == sent


def test_after_a_damaged_proof_is_removed_the_same_update_is_proven(proven_site: "Site") -> None:
    folder = proven_site.home("bay").round(1)
    update = (folder / "update.vector").read_bytes()
    for file in ("training.proof", "update.vector"):
        (folder / file).unlink()
    assert proven_site.node("bay").submit(1) is not None
    assert (folder / "update.vector").read_bytes() == update


@pytest.mark.parametrize("damage", [halve, above_the_modulus, lambda _: b""])
def test_damaged_secrets_are_refused_and_not_drawn_anew(
    proven_site: "Site", damage: Damage
) -> None:
    folder = proven_site.home("bay").round(1)
    change(folder / "secrets.vector", damage)
    kept = (folder / "secrets.vector").read_bytes()
    (folder / "training.proof").unlink()
    refuses(proven_site, RoundJournalError, "secrets.vector is damaged")
    assert (folder / "secrets.vector").read_bytes() == kept


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[" * 4000,
        b'{"mask": ["0x1"], "ciphertext_hash": "00"}',
        b'{"mask": ["1", "2"], "ciphertext_hash": "' + b"00" * 32 + b'"}',
        b'{"mask": ["0x1", "0x2"], "ciphertext_hash": "' + b"00" * 31 + b'"}',
        b'{"mask": ["0x1", "0x2"]}',
    ],
)
def test_a_damaged_submission_is_refused_and_not_made_again(
    proven_site: "Site", content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(TransactionSender, "send", cut_off)
        with pytest.raises(RpcError, match="cut off"):
            proven_site.node("bay").submit(1)
    path = proven_site.home("bay").round(1) / "submission-1.json"
    path.write_bytes(content)
    refuses(proven_site, RoundJournalError, r"submission-1\.json is damaged.*would reveal this one")
    assert path.read_bytes() == content


def test_the_journal_of_another_round_is_refused(proven_site: "Site") -> None:
    proven_site.anvil.advance_time(proven_site.consortium.submission_window + 1)
    coordinator = proven_site.coordinator()
    coordinator.registry.push_round(1)
    coordinator.open_round()
    home = proven_site.home("bay")
    shutil.copytree(home.round(1), home.round(2))
    sent = proven_site.sent("bay")
    with pytest.raises(UpdateMismatchError, match="commits to another public"):
        proven_site.node("bay").submit(2)
    assert proven_site.sent("bay") == sent


def test_no_error_of_a_damaged_vector_quotes_it(proven_site: "Site") -> None:
    path = proven_site.home("bay").round(1) / "secrets.vector"
    secret = vector_from_bytes(path.read_bytes(), proven_site.ground.spec.secrets_length)[-1]
    path.write_bytes(path.read_bytes()[:-32] + (secret + SCALAR_MODULUS).to_bytes(32, "big"))
    (path.parent / "training.proof").unlink()
    with pytest.raises(RoundJournalError) as refused:
        proven_site.node("bay").submit(1)
    assert str(secret) not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_folder_that_is_no_nodes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NodeHomeError, match="is no node folder"):
        NodeHome.open(tmp_path)


def test_a_commitment_that_changes_while_the_node_runs_is_refused(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    node = site.node("bay")
    node.prove(1)
    honest = node.registry.shard_of

    def moved(member: str, shard_index: int) -> Shard:
        return replace(honest(member, shard_index), commitment=multiply(G1, 7))

    monkeypatch.setattr(node.registry, "shard_of", moved)
    with pytest.raises(HospitalError, match="changed while this node ran"):
        node.submit(1)
    monkeypatch.undo()
    assert node.submit(1) is not None
