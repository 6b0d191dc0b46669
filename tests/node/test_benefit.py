"""Benefits end to end: real proofs of a final round decide shares of the next one."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.errors import ContractRevertError
from zkfl.chain.protocol import benefit_context, rewarded, shares
from zkfl.chain.states import WeightRule
from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.round_status import moment
from zkfl.field import SCALAR_MODULUS
from zkfl.node.benefit import BenefitError
from zkfl.node.errors import HospitalError
from zkfl.node.round_journal import RoundJournal
from zkfl.node.turns import HospitalTurns
from zkfl.zk_circuits.benefit.reference import highest_level
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import Proof, prove

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
HOSPITALS = ("ada", "bay", "cay")
DEADLINE = 120.0


def update_of(site: "Site", name: str, round_id: int) -> list[int]:
    journal = RoundJournal(site.home(name), round_id)
    update = journal.vector("update", site.ground.spec.model_length)
    assert update is not None
    return update


def rest_of(site: "Site", name: str, round_id: int) -> list[int]:
    """Return the others' weighted sum from their own secrets."""
    registry = site.node(name).registry
    rest = [0] * site.ground.spec.model_length
    for other in HOSPITALS:
        weight = registry.participation(round_id, site.address(other)).weight
        if other != name:
            entries = zip(rest, update_of(site, other, round_id), strict=True)
            rest = [(r + weight * u) % SCALAR_MODULUS for r, u in entries]
    return rest


def level_of(site: "Site", name: str, round_id: int) -> int:
    own, rest = update_of(site, name, round_id), rest_of(site, name, round_id)
    return highest_level(site.ground.spec, own, rest, site.consortium.noise_bound)


def proof_of(site: "Site", name: str, round_id: int, level: int, context: int) -> Proof:
    circuit = site.ground.circuits.benefit
    assert circuit is not None
    vectors = {
        "update": update_of(site, name, round_id),
        "rest": rest_of(site, name, round_id),
        "bound": [site.consortium.noise_bound],
        "public": pack_public(level, context),
    }
    return prove(circuit, vectors, DEADLINE, require_zeros=False)


def context_of(site: "Site", name: str, round_id: int) -> int:
    client = site.node(name).registry.client
    return benefit_context(client.chain_id, site.deployment.registry, site.address(name), round_id)


def test_two_rounds_with_shares_by_benefit(rewarding_site: "Site") -> None:
    site = rewarding_site
    registry = site.node("ada").registry
    for _ in range(2):
        round_id = site.run_round()
        with pytest.raises(ContractRevertError, match="BenefitMissing"):
            site.coordinator().open_round()
        levels = [level_of(site, name, round_id) for name in HOSPITALS]
        for name, level in zip(HOSPITALS, levels, strict=True):
            assert site.node(name).prove_benefit(round_id) is not None
            shown = registry.benefit_of(round_id, site.address(name))
            assert (shown.proven, shown.level) == (True, level)
            assert site.node(name).prove_benefit(round_id) is None
    assert any(levels)
    opened, _ = site.coordinator().open_round()
    records = [registry.member_of(site.address(name)).records for name in HOSPITALS]
    counted = [rewarded(count, level) for count, level in zip(records, levels, strict=True)]
    parts = [registry.participation(opened, site.address(name)) for name in HOSPITALS]
    assert [part.share for part in parts] == shares(WeightRule.BENEFIT, counted)


def test_people_are_told_whose_benefit_is_missing_and_until_when(
    run_zkfl: Run, after: "Site"
) -> None:
    folder, rpc = after.workspace.root, ("--rpc-url", after.anvil.url)
    until = moment(after.node("ada").registry.round(1).deadline)
    refused = run_zkfl("open", folder, *rpc)
    assert refused.status == ExitCode.NOT_NOW, refused.err
    message = f"ada may still prove its benefit of round 1 (zkfl prove-benefit), until {until}"
    assert message in refused.err
    status = run_zkfl("status", folder, *rpc)
    assert "waits for  benefits to be proven (zkfl prove-benefit)" in status.out
    for name in HOSPITALS:
        assert f"benefit    {name} may prove that of round 1 until {until}" in status.out

    level = level_of(after, "bay", 1)
    done = run_zkfl("prove-benefit", folder, "--site", "bay", *rpc)
    assert done.out == f"benefit    bay: level {level} of 16 in round 1\n", done.err
    said = json.loads(run_zkfl("status", folder, *rpc, "--json").out)["result"]
    assert [entry["name"] for entry in said["unproven_benefits"]] == ["ada", "cay"]

    left = after.node("ada").registry.round(1).deadline + 1
    after.anvil.advance_time(left - after.node("ada").registry.client.block_timestamp())
    said = json.loads(run_zkfl("status", folder, *rpc, "--json").out)["result"]
    assert "unproven_benefits" not in said
    assert said["waits_for"] == "nothing; the next round can open (zkfl open)"


def test_a_kept_proof_is_sent_again(after: "Site") -> None:
    """Another proof would open the update once more."""
    node, journal = after.node("bay"), after.journal("bay")
    snapshot = after.anvil.control("evm_snapshot")
    node.prove_benefit(1)
    kept = journal.proof("benefit")
    after.anvil.control("evm_revert", snapshot)
    after.node("bay").prove_benefit(1)
    assert journal.proof("benefit") == kept
    assert after.node("bay").registry.benefit_of(1, after.address("bay")).proven


def test_a_damaged_proof_is_not_made_anew(after: "Site") -> None:
    other = after.node("ada")
    other.prove_benefit(1)
    foreign = after.journal("ada").proof("benefit")
    assert foreign is not None
    after.journal("bay").keep_proof(foreign, "benefit")
    with pytest.raises(BenefitError, match="commits to another update, rest, public"):
        after.node("bay").prove_benefit(1)
    assert after.journal("bay").proof("benefit") == foreign


def test_a_lost_update_has_no_benefit(after: "Site") -> None:
    after.journal("bay").keep_vector("update", [0] * after.ground.spec.model_length)
    with pytest.raises(HospitalError, match="is not in its folder any more"):
        after.node("bay").prove_benefit(1)
    waiting = HospitalTurns(after.node("bay")).take()
    assert waiting.done == ()
    assert waiting.waits_for == f"its operator: {waiting.warning}"
    assert "restore the folder's latest copy, or sit the round out" in waiting.warning


def test_a_round_that_is_not_final(after: "Site") -> None:
    with pytest.raises(HospitalError, match="round 2 is NONE, not FINAL"):
        after.node("bay").prove_benefit(2)


def test_a_consortium_of_another_rule(site: "Site") -> None:
    with pytest.raises(HospitalError, match="shares are by RECORDS: nothing is proven"):
        site.node("bay").prove_benefit(1)


def refused(site: "Site", name: str, level: int, proof: Proof) -> str:
    with pytest.raises(ContractRevertError) as caught:
        site.node(name).registry.prove_benefit(1, level, proof.data)
    return caught.value.name


def test_the_chain_refuses_a_higher_level(after: "Site") -> None:
    level = level_of(after, "bay", 1) + 1
    lie = proof_of(after, "bay", 1, level, context_of(after, "bay", 1))
    assert refused(after, "bay", level, lie) == "ZeroCommitmentMismatch"
    assert refused(after, "bay", level - 1, lie) == "PublicScalarsMismatch"


def test_the_chain_refuses_what_is_another_members(after: "Site") -> None:
    theirs = proof_of(after, "ada", 1, 0, context_of(after, "ada", 1))
    assert refused(after, "bay", 0, theirs) == "UpdateCommitmentMismatch"
    stolen = proof_of(after, "bay", 1, 0, context_of(after, "ada", 1))
    assert refused(after, "bay", 0, stolen) == "PublicScalarsMismatch"


def test_the_chain_refuses_the_proof_of_another_round(after: "Site") -> None:
    proof = proof_of(after, "bay", 1, 0, context_of(after, "bay", 2))
    assert refused(after, "bay", 0, proof) == "PublicScalarsMismatch"


def test_the_chain_refuses_a_proof_with_a_changed_byte(after: "Site") -> None:
    proof = proof_of(after, "bay", 1, 0, context_of(after, "bay", 1))
    changed = bytearray(proof.data)
    changed[-1] ^= 1
    assert refused(after, "bay", 0, Proof(bytes(changed), {}, {})) == "InvalidProof"
    after.node("bay").registry.prove_benefit(1, 0, proof.data)
    assert refused(after, "bay", 0, proof) == "BenefitAlreadyProven"
