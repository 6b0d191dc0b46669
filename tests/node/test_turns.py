"""Parties that take turns bring rounds to an end, whoever comes when, and wait where they must."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.aggregator.coordinator import Coordinator
from zkfl.aggregator.turns import AggregatorTurns
from zkfl.artifacts import ArtifactStore
from zkfl.chain.states import BlameReason, FailureReason, RoundStatus
from zkfl.encryption.errors import EncryptionError
from zkfl.errors import ZkflError
from zkfl.field import FieldError, vector_from_bytes, vector_to_bytes
from zkfl.masks import MaskCohortError, MaskKeyError
from zkfl.node.benefit import BenefitError
from zkfl.node.errors import ChainChangedError, SitOutError
from zkfl.node.hospital import HospitalNode
from zkfl.node.key_store import create_mask_key
from zkfl.node.known_disputes import UnknownDisputeError
from zkfl.node.pinned_keys import PinnedKeyError
from zkfl.node.proof_checks import ChallengeTooLateError, ProofDisputedError
from zkfl.node.round_journal import RoundChangedError
from zkfl.node.signed_statements import UnsignedKeyError
from zkfl.node.training import UpdateMismatchError
from zkfl.node.turns import HospitalTurns
from zkfl.posted_proofs import ProofNotShownError
from zkfl.turns import Turn, Watch

if TYPE_CHECKING:
    from conftest import Site

ADMITTED = ("ada", "bay", "cay")
HOSPITALS = (*ADMITTED, "dee")
ROUND = 1


def turn(site: "Site", name: str) -> Turn:
    """Take a hospital's turn as a process that has just started."""
    return HospitalTurns(site.node(name)).take()


def aggregate(site: "Site", rounds: int | None = 1, least: int | None = 3) -> Turn:
    return AggregatorTurns(site.coordinator(), rounds, least).take()


def after_deadline(site: "Site") -> None:
    """Let the present deadline of the round pass on the chain."""
    registry = site.coordinator().registry
    deadline = registry.round(registry.current_round()).deadline
    site.anvil.advance_time(deadline + 1 - registry.client.block_timestamp())


@pytest.mark.slow
def test_turns_take_a_consortium_from_admission_to_proven_benefits(
    rewarding_site: "Site",
) -> None:
    site = rewarding_site
    parties = {name: HospitalTurns(site.node(name), final_rounds=1) for name in HOSPITALS}
    office = AggregatorTurns(site.coordinator(), final_rounds=1)
    assert office.take().waits_for.startswith("dee to announce a mask key")
    done: dict[str, list[str]] = {name: [] for name in (*HOSPITALS, "aggregator")}
    for _ in range(5):
        for name, party in parties.items():
            done[name] += party.take().done
        done["aggregator"] += office.take().done
    submitted, acknowledged = "update submitted (round 1)", "model acknowledged (round 1)"
    proven = "benefit proven (round 1)"
    assert done == {
        "ada": [submitted, "sum opened (round 1)", acknowledged, proven],
        "bay": [submitted, acknowledged, proven],
        "cay": [submitted, acknowledged, proven],
        "dee": ["mask key announced", "2 shards admitted", submitted, proven],
        "aggregator": [
            "round 1 opened",
            "round 1 closed",
            "sum announced (round 1)",
            "model published (round 1)",
            "model card published (round 1)",
        ],
    }
    assert office.is_finished()
    assert office.take() == Turn((), "nothing: 1 rounds are final")
    assert all(party.is_finished() for party in parties.values())


def with_store(site: "Site", name: str, folder: Path) -> HospitalTurns:
    node = site.node(name)
    ground = replace(site.ground, store=ArtifactStore(folder))
    return HospitalTurns(HospitalNode(node.home, node.registry, ground))


def test_with_separate_stores_each_party_names_what_it_lacks(site: "Site", tmp_path: Path) -> None:
    stores = {name: ArtifactStore(tmp_path / name) for name in (*ADMITTED, "aggregator")}
    parties = {name: with_store(site, name, tmp_path / name) for name in ADMITTED}
    coordinator = site.coordinator()
    own = replace(site.ground, store=stores["aggregator"])
    office = AggregatorTurns(Coordinator(coordinator.registry, own), 1, 3)
    registry = coordinator.registry

    def bring(name: str, missing: frozenset[bytes]) -> None:
        assert missing
        everything = [site.workspace.store, *stores.values()]
        for digest in missing:
            stores[name].put(next(s for s in everything if s.holds(digest)).get(digest))

    for name, party in parties.items():
        waiting = party.take()
        assert (waiting.done, waiting.missing) == ((), {registry.encryption_context()})
        bring(name, waiting.missing)
        assert party.take().done == ("update submitted (round 1)",)
    context = {registry.encryption_context()}
    assert office.take().done == ("round 1 closed",)
    parts = [registry.participation(ROUND, site.address(name)) for name in ADMITTED]
    ciphertexts = {part.ciphertext_hash for part in parts}
    assert office.take().missing == context | ciphertexts
    bring("aggregator", office.take().missing)
    assert office.take().done == ("sum announced (round 1)",)
    assert parties["ada"].take().missing == ciphertexts - {parts[0].ciphertext_hash}
    bring("ada", parties["ada"].take().missing)
    assert parties["ada"].take().done == ("sum opened (round 1)",)
    assert office.take().missing == {registry.round(ROUND).sum_hash}
    bring("aggregator", office.take().missing)
    assert office.take().done == ("model published (round 1)",)
    assert parties["bay"].take().missing == {registry.round(ROUND).model_hash}
    damaged = tmp_path / "bay" / registry.round(ROUND).model_hash.hex()
    damaged.write_bytes(b"something else")
    bring("bay", parties["bay"].take().missing)
    assert parties["bay"].take().done == ("model acknowledged (round 1)",)


def test_a_round_goes_on_without_who_is_silent(site: "Site") -> None:
    for name in ADMITTED[:2]:
        assert turn(site, name).done == ("update submitted (round 1)",)
        assert turn(site, name).done == ()
    assert aggregate(site) == Turn((), "cay to submit to round 1")
    after_deadline(site)
    # two are fewer than the three of a cohort
    assert turn(site, "bay").done == ("round 1 pushed after its deadline",)
    state = site.coordinator().registry.round(ROUND)
    assert state.failure is FailureReason.TOO_FEW_SUBMISSIONS
    patient = AggregatorTurns(site.coordinator(), 1, least_members=3, quiet_seconds=1_000)
    assert patient.take() == Turn((), "hospitals that admit records now")
    assert aggregate(site).done == ("round 2 opened",)


def test_nobody_acts_during_a_pause_nor_after_a_step_when_asked_to_stop(site: "Site") -> None:
    guardian = site.registry(site.workspace.role("guardian"))
    guardian.pause()
    assert turn(site, "ada") == Turn((), "the guardian to unpause the registry")
    guardian.unpause()
    said: list[str] = []
    watch = Watch(said.append, stop_asked=lambda: bool(said))
    last = HospitalTurns(site.node("ada"), watch=watch).take()
    assert last == Turn(("update submitted (round 1)",), "nothing: it was asked to stop")
    assert said == list(last.done)


def test_a_stranger_waits_for_the_consortium(site: "Site") -> None:
    registry = site.registry(site.workspace.role("office"))
    after_deadline(site)
    registry.push_round(ROUND)
    registry.remove_member(site.address("bay"))
    address = site.address("bay")
    assert turn(site, "bay") == Turn((), f"the consortium: {address} is no active member")
    assert "can take part (2 can)" in aggregate(site, least=2).waits_for


OTHERS = (
    ChallengeTooLateError("a forged proof that nobody challenged"),
    EncryptionError("a garbage context"),
    FieldError("no vector"),
    MaskCohortError("a derived mask key"),
    MaskKeyError("a mask key of low order"),
    PinnedKeyError("another context"),
    ProofDisputedError("two verifiers that differ"),
    ProofNotShownError("a hidden proof"),
    RoundChangedError("another round"),
    UnknownDisputeError("a pair shown as apart"),
    UnsignedKeyError("a key that nobody signed"),
)
OPERATOR = (
    BenefitError("a damaged proof of a benefit"),
    ChainChangedError("another chain"),
    SitOutError("a lost update"),
    UpdateMismatchError("a damaged update"),
)


@pytest.mark.parametrize(
    ("who", "fault"),
    [*(("another party", fault) for fault in OTHERS), *(("its operator", f) for f in OPERATOR)],
)
def test_what_a_node_refuses_is_waited_on_and_the_round_moved_on(
    site: "Site", monkeypatch: pytest.MonkeyPatch, who: str, fault: ZkflError
) -> None:
    sent = site.sent("bay")

    def refuse(*_: object) -> None:
        raise fault

    monkeypatch.setattr(HospitalNode, "submit", refuse)
    assert turn(site, "bay") == Turn((), f"{who}: {fault}", warning=str(fault))
    assert site.sent("bay") == sent
    monkeypatch.setattr(HospitalNode, "check_proofs", refuse)
    after_deadline(site)
    moved = turn(site, "bay")
    assert moved.done == ("round 1 pushed after its deadline",)


def test_a_mask_key_that_differs_from_the_chains_is_not_announced(site: "Site") -> None:
    """Whoever can write the file would have it announced; a change of keys has its own command."""
    registry = site.coordinator().registry
    after_deadline(site)
    registry.push_round(ROUND)
    bay, dee = site.node("bay"), site.node("dee")
    known, sent = registry.member_of(bay.address).mask_key, site.sent("bay")
    bay.home.mask_key.unlink()
    create_mask_key(bay.home)
    waiting = turn(site, "bay")
    assert waiting.done == ()
    assert waiting.waits_for.startswith(f"its operator: the chain holds the mask key {known.hex()}")
    assert (registry.member_of(bay.address).mask_key, site.sent("bay")) == (known, sent)
    assert registry.member_of(dee.address).mask_key == bytes(32)
    said: list[str] = []
    watch = Watch(said.append, stop_asked=lambda: bool(said))
    assert HospitalTurns(dee, watch=watch).take().done == ("mask key announced",)


# --- from here on everybody has submitted, on the chain of this module too ---


def test_without_an_aggregator_hospitals_bring_a_round_to_its_end(submitted_site: "Site") -> None:
    """Close it, ask for what its sum consists of, show the model; nobody is blamed."""
    site = submitted_site
    registry = site.coordinator().registry
    assert turn(site, "bay").waits_for == "others to submit to round 1, and its close"
    after_deadline(site)
    assert turn(site, "bay").done == ("round 1 closed",)
    after_deadline(site)
    done = ("round 1 pushed after its deadline", "masked update revealed (round 1)")
    assert turn(site, "cay").done == done
    for name in ADMITTED[:2]:
        assert turn(site, name).done == ("masked update revealed (round 1)",)
    assert registry.round(ROUND).status is RoundStatus.REVEALING
    assert turn(site, "bay").waits_for == "others to answer in round 1"
    after_deadline(site)
    assert turn(site, "bay").done == ("model of round 1 shown on chain",)
    assert registry.round(ROUND).status is RoundStatus.FINAL
    members = [registry.member_of(member) for member in registry.cohort(ROUND)]
    assert {member.blame for member in members} == {BlameReason.NONE}


def test_a_published_model_without_a_quorum_is_shown_after_the_deadline(
    submitted_site: "Site",
) -> None:
    site = submitted_site
    for _ in range(2):
        aggregate(site)
        turn(site, "ada")
    registry = site.coordinator().registry
    assert registry.round(ROUND).status is RoundStatus.PUBLISHED
    assert aggregate(site).waits_for == "hospitals to acknowledge the model of round 1"
    after_deadline(site)
    assert aggregate(site).done[0] == "model of round 1 shown on chain"
    assert registry.round(ROUND).status is RoundStatus.FINAL


def test_a_wrong_file_under_a_right_hash_is_another_partys_fault(submitted_site: "Site") -> None:
    """A published model that does not open C(G') is waited on, and never vouched for."""
    site = submitted_site
    aggregate(site)
    turn(site, "ada")
    registry, store = site.coordinator().registry, site.workspace.store
    length = site.ground.spec.model_length
    total = vector_from_bytes(store.get(registry.round(ROUND).sum_hash), length)
    registry.publish_model(ROUND, store.put(vector_to_bytes([total[0] + 1, *total[1:]])))
    waiting = turn(site, "bay")
    assert waiting.done == ()
    assert waiting.warning
    assert waiting.waits_for == f"another party: {waiting.warning}"
    assert "another party: the model" in waiting.waits_for
    assert "published another model" in waiting.waits_for
    assert registry.participation(ROUND, site.address("bay")).acknowledged == bytes(32)


def test_a_published_file_that_is_no_vector_does_not_end_the_run(submitted_site: "Site") -> None:
    """Every hospital warns of it, and shows the true model when the deadline has passed."""
    site = submitted_site
    aggregate(site)
    turn(site, "ada")
    registry = site.coordinator().registry
    registry.publish_model(ROUND, site.workspace.store.put(b"no vector"))
    for name in ("ada", "bay"):
        waiting = turn(site, name)
        assert waiting.done == ()
        assert waiting.waits_for == f"another party: {waiting.warning}"
        assert registry.participation(ROUND, site.address(name)).acknowledged == bytes(32)
    after_deadline(site)
    assert turn(site, "bay").done == ("model of round 1 shown on chain",)
    assert registry.round(ROUND).status is RoundStatus.FINAL


def test_an_opened_sum_that_is_no_vector_does_not_keep_a_round(submitted_site: "Site") -> None:
    site = submitted_site
    for _ in range(2):
        aggregate(site)
    registry = site.node("ada").registry
    announced = registry.round(ROUND).encrypted_sum_hash
    registry.open_sum(ROUND, announced, site.workspace.store.put(b"no vector"))
    assert aggregate(site).warning
    after_deadline(site)
    assert turn(site, "bay").done[0] == "round 1 pushed after its deadline"
