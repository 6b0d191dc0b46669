"""``zkfl verify-all``: what a final model counts on wants its proof, whatever events say."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.auditor import AuditedConsortium, open_audit
from zkfl.chain.events import ChainEvent
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.cli.exit_codes import ExitCode
from zkfl.lineage import Lineage, Reading, rebuild_lineage
from zkfl.node.key_holder import open_sum
from zkfl.node.key_store import load_he_secret
from zkfl.proof_coverage import unproven
from zkfl.proof_verdicts import ProofVerdict, check_proofs
from zkfl.stated_proofs import read_proofs

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
Change = Callable[[list[ChainEvent]], list[ChainEvent]]
ROUND = 1
ADMITTED = ("ada", "bay", "cay")


def public(site: "Site", folder: Path) -> Path:
    folder.mkdir()
    (folder / "consortium.json").write_bytes(site.consortium.to_json())
    shutil.copy(site.workspace.deployment, folder)
    return folder


def audit(run_zkfl: Run, site: "Site", folder: Path, *more: object) -> SimpleNamespace:
    done = run_zkfl("verify-all", folder, "--rpc-url", site.anvil.url, "--json", *more)
    return SimpleNamespace(status=done.status, **json.loads(done.out))


def shown(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let the endpoint show other events."""
    honest = Registry.events
    monkeypatch.setattr(
        Registry, "events", lambda self, *a, **words: change(honest(self, *a, **words))
    )


def challenge_before(name: str, member: str) -> Change:
    """Return what invents a challenge before an event of another name."""

    def change(events: list[ChainEvent]) -> list[ChainEvent]:
        place = next(i for i, event in enumerate(events) if event.name == name)
        values = {
            "roundId": ROUND,
            "member": member,
            "challenger": "0x" + "77" * 20,
            "proofHash": b"\x07" * 32,
        }
        made_up = replace(events[place], name="UpdateChallenged", values=MappingProxyType(values))
        return [*events[:place], made_up, *events[place:]]

    return change


# --- a forged update in a final round ---


@pytest.fixture
def forged(posted_site: "Site") -> "Site":
    """A round that became final with dee's forged proof, by members who check none."""
    site = posted_site
    journal, proof = site.journal("dee"), bytearray(site.journal("dee").proof() or b"")
    proof[-1] ^= 1
    journal.keep_proof(bytes(proof))
    everyone = [site.node(name) for name in (*ADMITTED, "dee")]
    for node in everyone:
        node.submit(ROUND)
    coordinator, holder = site.coordinator(), everyone[0]
    coordinator.close_round(ROUND)
    coordinator.announce_sum(ROUND)
    open_sum(holder.registry, ROUND, holder.ground, load_he_secret(holder.home))
    coordinator.publish_model(ROUND)
    chain = holder.registry
    left = chain.challenge_deadline(ROUND) - chain.client.block_timestamp()
    site.anvil.advance_time(max(0, left) + 1)
    for node in everyone:
        if chain.round(ROUND).status is RoundStatus.PUBLISHED:
            node.registry.acknowledge(ROUND, chain.round(ROUND).model_hash)
    assert chain.round(ROUND).status is RoundStatus.FINAL
    return site


def test_an_invented_challenge_excuses_no_update_of_a_final_round(
    run_zkfl: Run, forged: "Site", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, dee = public(forged, tmp_path / "public"), forged.address("dee")
    plain = audit(run_zkfl, forged, folder)
    assert (plain.status, plain.error["name"]) == (ExitCode.MISTRUST, "ProofInvalidError")
    for name in ("RoundClosed", "RoundFinalized"):
        with monkeypatch.context() as patch:
            shown(patch, challenge_before(name, dee))
            for words in ((), ("--round", ROUND)):
                done = audit(run_zkfl, forged, folder, *words)
                assert done.status == ExitCode.MISTRUST
                assert done.result["lineage"] == "adds up"
                [missing] = done.result["unproven"]
                assert f"the update of {dee} in final round 1 counts" in missing
                [row] = [row for row in done.result["proofs"] if row["challenged"]]
                # after the closing a challenge is possible: only that the round is final shows it
                expected = "ProofInvalidError" if name == "RoundClosed" else None
                assert (row["native"], row["fault"]) == (False, expected)
                assert done.error["name"] == (expected or "UnprovenError")


# --- an honest final round ---


@pytest.fixture
def complete(after: "Site") -> "Site":
    for name in ADMITTED:
        after.node(name).prove_benefit(ROUND)
    return after


@pytest.fixture
def audited(complete: "Site", tmp_path: Path) -> AuditedConsortium:
    return open_audit(public(complete, tmp_path / "auditor"), complete.anvil.url, None)


def read(audited: AuditedConsortium) -> tuple[Lineage, list[ProofVerdict]]:
    reading = Reading.take(audited.registry)
    proofs = read_proofs(audited.registry, reading.events).proofs
    lineage = rebuild_lineage(audited.registry, reading=reading)
    return lineage, check_proofs(proofs, audited.circuits, audited.router)


def test_every_part_wants_exactly_one_proof_that_holds(audited: AuditedConsortium) -> None:
    lineage, verdicts = read(audited)
    assert unproven(lineage, verdicts) == []
    assert unproven(lineage, verdicts, ROUND) == []
    for place, verdict in enumerate(verdicts):
        proof = verdict.proof
        others = [*verdicts[:place], *verdicts[place + 1 :]]
        wrong: list[tuple[list[ProofVerdict], str]] = [
            (others, "the endpoint shows 0 proofs"),
            ([*verdicts, verdict], "the endpoint shows 2 proofs"),
        ]
        for change in (
            {"native": False},
            {"refusal": "InvalidProof"},
            {"wrong": ("update",)},
            {"native": None, "refusal": None, "proof": replace(proof, data=None)},
            {"proof": replace(proof, challenged=True)},
            {"proof": replace(proof, data=b"\x07" * 640)},
        ):
            changed: Any = change
            wrong.append(([*others, replace(verdict, **changed)], "does not hold"))
        for found, message in wrong:
            [error] = unproven(lineage, found)
            assert message in str(error), (proof, str(error))


def test_a_chosen_round_wants_the_shards_that_it_trained_on(audited: AuditedConsortium) -> None:
    lineage, verdicts = read(audited)
    [final] = [final for final in lineage.finals if final.card.round_id == ROUND]
    # which one of two shards is drawn differs from run to run
    drawn = {(lineage.accounts[part.member], part.shard) for part in final.card.contributions}
    admissions = [verdict for verdict in verdicts if verdict.proof.circuit == "admission"]
    spare = [v for v in admissions if (v.proof.hospital, v.proof.shard) not in drawn]
    assert len(spare) == 1
    without = [verdict for verdict in verdicts if verdict not in spare]
    assert unproven(lineage, without, ROUND) == []
    assert len(unproven(lineage, without)) == 1
    trained = [v for v in verdicts if v.proof.circuit != "admission"]
    assert len(unproven(lineage, trained, ROUND)) == len(ADMITTED)


def test_proofs_and_lineage_come_from_one_reading(
    run_zkfl: Run, complete: "Site", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = public(complete, tmp_path / "public")
    honest, asked = Registry.events, []

    def shorter_at_first(self: Registry, *a: Any, **words: Any) -> list[ChainEvent]:  # noqa: ANN401
        events = honest(self, *a, **words)
        asked.append(self.block)
        place = [event.name for event in events].index("RoundOpened")
        return events[:place] if len(asked) == 1 else events

    monkeypatch.setattr(Registry, "events", shorter_at_first)
    done = audit(run_zkfl, complete, folder)
    assert done.status == ExitCode.MISTRUST
    assert (done.result["lineage"], done.error["name"]) == ("differs", "LineageError")
    assert "latest final round is shown as 1, but follows as 0" in done.error["message"]
    assert asked == [done.result["block"]]


def test_how_far_it_goes_is_told(run_zkfl: Run, complete: "Site", tmp_path: Path) -> None:
    folder = public(complete, tmp_path / "public")
    block = complete.node("ada").registry.client.block_number()
    done = run_zkfl("verify-all", folder, "--rpc-url", complete.anvil.url)
    assert done.status == 0, done.err
    assert f"up to block {block}, final round 1: ask somebody else" in " ".join(done.out.split())
    said = audit(run_zkfl, complete, folder)
    assert (said.result["block"], said.result["final_round"]) == (block, ROUND)
    assert said.result["unproven"] == []
