"""Where proofs are posted: every node checks them all, and whoever forged one is excluded."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hexbytes import HexBytes

from zkfl.chain.connection import Connection
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.registry import Registry
from zkfl.chain.states import BlameReason, FailureReason, RoundStatus
from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.round_status import moment
from zkfl.errors import ZkflError
from zkfl.node.errors import HospitalError
from zkfl.node.key_holder import open_sum
from zkfl.node.key_store import load_he_secret
from zkfl.node.proof_checks import ChallengeTooLateError, ProofDisputedError
from zkfl.node.turns import HospitalTurns
from zkfl.posted_proofs import ProofNotShownError
from zkfl.zk_circuits.prover import POINT_BYTES

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
ROUND = 1
ALL = ("ada", "bay", "cay", "dee")
HONEST = ("ada", "bay", "cay")
POINTS = 6
Lie = Callable[[Any], Any]


def submit_all(site: "Site", *, forged: bool) -> None:
    """Let everyone submit; dee's proof, if it is forged, commits to the same and proves nothing."""
    if forged:
        journal = site.journal("dee")
        proof = bytearray(journal.proof() or b"")
        proof[-1] ^= 1
        assert len(proof) > POINTS * POINT_BYTES
        journal.keep_proof(bytes(proof))
    for name in ALL:
        site.node(name).submit(ROUND)


def publish(site: "Site", round_id: int = ROUND) -> None:
    """Take a complete round to its published model, by those who check no proofs."""
    coordinator, holder = site.coordinator(), site.node("ada")
    coordinator.close_round(round_id)
    coordinator.announce_sum(round_id)
    open_sum(holder.registry, round_id, holder.ground, load_he_secret(holder.home))
    coordinator.publish_model(round_id)


def wait_for_challenges(site: "Site", round_id: int = ROUND) -> None:
    chain = chain_of(site)
    left = chain.challenge_deadline(round_id) - chain.client.block_timestamp()
    site.anvil.advance_time(max(0, left) + 1)


def chain_of(site: "Site") -> Registry:
    return site.node("ada").registry


def acknowledge_all(site: "Site", names: tuple[str, ...], round_id: int = ROUND) -> None:
    for name in names:
        site.node(name).acknowledge(round_id)


def assert_excluded(site: "Site") -> None:
    member = chain_of(site).member_of(site.address("dee"))
    assert (member.active, member.blame) == (False, BlameReason.INVALID_PROOF)


def proof_of(site: "Site", name: str) -> bytes:
    return site.journal(name).proof() or b""


# --- honest rounds ---


def test_an_honest_round_ends_after_the_window(posted_site: "Site") -> None:
    site, chain = posted_site, chain_of(posted_site)
    submit_all(site, forged=False)
    assert site.node("bay").check_proofs(ROUND) == []
    publish(site)
    with pytest.raises(ContractRevertError, match="ChallengesOpen"):
        site.node("bay").acknowledge(ROUND)
    wait_for_challenges(site)
    acknowledge_all(site, ALL)
    assert chain.round(ROUND).status is RoundStatus.FINAL
    assert chain.model() == chain.round(ROUND).model_after
    with pytest.raises(ContractRevertError, match="WrongRoundStatus"):
        chain.challenge_update(ROUND, site.address("dee"), proof_of(site, "dee"))


def test_a_valid_proof_cannot_be_challenged(posted_site: "Site") -> None:
    site, chain = posted_site, chain_of(posted_site)
    submit_all(site, forged=False)
    with pytest.raises(ContractRevertError, match="ProofIsValid"):
        chain.challenge_update(ROUND, site.address("dee"), proof_of(site, "dee"))
    with pytest.raises(ContractRevertError, match="OtherProof"):
        chain.challenge_update(ROUND, site.address("dee"), proof_of(site, "bay"))
    assert chain.member_of(site.address("dee")).active


def test_people_are_told_until_when_proofs_may_be_challenged(
    run_zkfl: Run, posted_site: "Site"
) -> None:
    site, chain = posted_site, chain_of(posted_site)
    submit_all(site, forged=False)
    publish(site)
    until = moment(chain.challenge_deadline(ROUND))
    message = f"round 1 cannot be final yet: its proofs may be challenged until {until}; "
    rpc = ("--rpc-url", site.anvil.url)
    for verb, then in (("acknowledge", "acknowledge its model"), ("open-model", "run zkfl open")):
        refused = run_zkfl(verb, site.workspace.root, *rpc)
        assert refused.status == ExitCode.NOT_NOW
        assert "error (StepError)" in refused.err
        assert message + then in refused.err
    wait_for_challenges(site)
    done = run_zkfl("open-model", site.workspace.root, *rpc)
    assert done.status == 0, done.err
    assert "1 FINAL" in done.out


def test_people_are_told_how_many_proofs_were_checked(run_zkfl: Run, posted_site: "Site") -> None:
    words = ("challenge", posted_site.workspace.root, "--rpc-url", posted_site.anvil.url)
    refused = run_zkfl(*words, "--round", 2)
    assert refused.status == ExitCode.NOT_NOW
    assert "there is no round 2: the latest is 1" in refused.err
    assert "round 1: no proof was posted yet, so none was checked" in run_zkfl(*words).err
    posted_site.node("bay").submit(ROUND)
    assert "round 1: 1 posted proofs checked, 1 of them valid" in run_zkfl(*words).err
    journal = posted_site.journal("dee")
    proof = bytearray(journal.proof() or b"")
    proof[-1] ^= 1
    journal.keep_proof(bytes(proof))
    posted_site.node("dee").submit(ROUND)
    done = run_zkfl(*words, "--round", 1)
    assert "dee posted an invalid proof, and was challenged" in done.err
    assert "round 1: 2 posted proofs checked, 1 of them valid" in done.err


# --- a forged proof ---


def test_while_the_round_is_open_it_goes_on_without_the_forger(posted_site: "Site") -> None:
    site, chain = posted_site, chain_of(posted_site)
    submit_all(site, forged=True)
    assert site.node("bay").check_proofs(ROUND) == [site.address("dee")]
    assert_excluded(site)
    assert (chain.round(ROUND).status, chain.round(ROUND).attempt) == (RoundStatus.OPEN, 2)
    assert chain.cohort(ROUND) == [site.address(name) for name in HONEST]
    for name in HONEST:
        site.node(name).remask(ROUND)
    publish(site)
    wait_for_challenges(site)
    acknowledge_all(site, HONEST)
    assert chain.round(ROUND).status is RoundStatus.FINAL
    assert chain.model() == chain.round(ROUND).model_after


def test_before_it_acknowledges_every_node_looks(posted_site: "Site") -> None:
    site, chain = posted_site, chain_of(posted_site)
    submit_all(site, forged=True)
    publish(site)
    wait_for_challenges(site)
    with pytest.raises(HospitalError, match="posted invalid proofs in round 1"):
        site.node("bay").acknowledge(ROUND)
    assert_excluded(site)
    state = chain.round(ROUND)
    assert (state.status, state.failure) == (RoundStatus.FAILED, FailureReason.INVALID_PROOF)
    assert chain.model() == state.model_before
    with pytest.raises(ChallengeTooLateError, match="which is FAILED"):
        site.node("cay").check_proofs(ROUND)
    next_round(site)


def next_round(site: "Site") -> None:
    round_id, _ = site.coordinator().open_round()
    chain = chain_of(site)
    assert chain.cohort(round_id) == [site.address(name) for name in HONEST]
    for name in HONEST:
        site.node(name).submit(round_id)
    publish(site, round_id)
    wait_for_challenges(site, round_id)
    acknowledge_all(site, HONEST, round_id)
    assert chain.round(round_id).status is RoundStatus.FINAL


def test_the_key_holder_opens_no_sum_over_a_forged_proof(posted_site: "Site") -> None:
    site = posted_site
    submit_all(site, forged=True)
    site.coordinator().close_round(ROUND)
    site.coordinator().announce_sum(ROUND)
    with pytest.raises(HospitalError, match="posted invalid proofs"):
        site.node("ada").open_sum(ROUND)
    assert_excluded(site)


def test_an_outsider_can_challenge(posted_site: "Site") -> None:
    site = posted_site
    submit_all(site, forged=True)
    office = site.registry(site.workspace.role("guardian"))
    office.challenge_update(ROUND, site.address("dee"), proof_of(site, "dee"))
    assert_excluded(site)
    assert site.node("bay").check_proofs(ROUND) == []


# --- an endpoint that lies ---


def refuses(site: "Site", message: str, error: type[ZkflError] = ProofNotShownError) -> None:
    sent = site.sent("bay")
    with pytest.raises(error, match=message):
        site.node("bay").acknowledge(ROUND)
    assert site.sent("bay") == sent


def lie(patch: pytest.MonkeyPatch, owner: type, name: str, change: Lie) -> None:
    honest = getattr(owner, name)
    patch.setattr(owner, name, lambda *given, **named: change(honest(*given, **named)))


@pytest.fixture
def published(posted_site: "Site") -> "Site":
    submit_all(posted_site, forged=True)
    publish(posted_site)
    wait_for_challenges(posted_site)
    return posted_site


def other_input(change: Callable[[bytes], object]) -> Lie:
    return lambda found: {**found, "input": change(bytes(HexBytes(found["input"])))}


def test_a_hidden_proof(published: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    inputs: list[Callable[[bytes], object]] = [
        lambda _: b"",
        lambda _: None,
        lambda _: 7.5,
        lambda data: data[:-400],
        lambda data: b"\0" + data[1:],
        lambda data: data[:4] + b"\xff" * (len(data) - 4),
        lambda data: data + bytes(131_072),
        lambda data: data.replace(data[500:520], bytes(20)),
    ]
    for change in inputs:
        with monkeypatch.context() as patch:
            lie(patch, Connection, "transaction", other_input(change))
            refuses(published, "carries other bytes")
    lie(monkeypatch, Connection, "transaction", lambda _: None)
    refuses(published, "does not have transaction")


def test_what_belongs_to_a_proof_is_hidden(
    published: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    forger = published.address("dee")
    other = chain_of(published).shard_of(published.address("bay"), 0)
    lies: list[tuple[str, Lie, str]] = [
        ("events", lambda _: [], "no event tells"),
        ("posted_proof", lambda _: bytes(32), "shows no hash"),
        ("cohort", lambda cohort: [m for m in cohort if m != forger], "do not lead to its"),
        ("shard_of", lambda _: other, "commits to another data"),
    ]
    for view, change, message in lies:
        with monkeypatch.context() as patch:
            lie(patch, Registry, view, change)
            refuses(published, message)


def test_a_verifier_of_ones_own_that_errs(
    posted_site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_all(posted_site, forged=False)
    publish(posted_site)
    wait_for_challenges(posted_site)
    monkeypatch.setattr(
        "zkfl.node.proof_checks.valid_proofs", lambda _, proofs: [False] * len(proofs)
    )
    refuses(posted_site, "the contract's verifier accepts it", ProofDisputedError)


def test_a_verifier_that_errs_shields_no_forged_proof_and_ends_no_node(
    posted_site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    site, chain, checked = posted_site, chain_of(posted_site), list[int]()
    submit_all(site, forged=True)

    def refuse_all(_: object, proofs: Sequence[bytes]) -> list[bool]:
        checked.append(len(proofs))
        return [False] * len(proofs)

    monkeypatch.setattr("zkfl.node.proof_checks.valid_proofs", refuse_all)
    turns = HospitalTurns(site.node("bay"))
    waiting = turns.take()
    # the forger comes last in the cohort
    assert waiting.done == ("invalid proof of dee challenged (round 1)",)
    assert_excluded(site)
    assert waiting.waits_for == f"another party: {waiting.warning}"
    assert "the contract's verifier accepts it" in waiting.warning
    sent = site.sent("bay")
    assert turns.take() == replace(waiting, done=())
    assert (checked, site.sent("bay")) == ([4], sent)
    after = chain.round(ROUND)
    assert (after.status, after.attempt) == (RoundStatus.OPEN, 2)
