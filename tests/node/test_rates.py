"""Rounds with a rate on a real chain: the rule, the step, the proofs, and who checks them."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.auditor import open_audit
from zkfl.chain.errors import ContractRevertError, RpcBadAnswerError
from zkfl.chain.events import ChainEvent
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.learning_rate import stated_schedule
from zkfl.chain.registry import Registry
from zkfl.chain.states import WeightRule
from zkfl.cli.exit_codes import ExitCode
from zkfl.field import vector_from_bytes
from zkfl.lineage import LineageError, Reading, rebuild, rebuild_lineage
from zkfl.metrics_reading import MetricsReading
from zkfl.node.held_out_home import HeldOutHome
from zkfl.node.hospital import HospitalNode
from zkfl.node.model_testing import ModelTester
from zkfl.node.own_records import read_records
from zkfl.node.rehearsal import RehearsalRules, rehearse
from zkfl.node.round_identity import round_identity
from zkfl.node.round_journal import RoundChangedError, RoundJournal
from zkfl.node.training import UpdateMismatchError
from zkfl.node.turns import HospitalTurns
from zkfl.parties import require_agreed
from zkfl.posted_proofs import ProofNotShownError
from zkfl.proof_verdicts import ProofLinksError, check_proofs
from zkfl.rate_history import RateDiffersError, rate_faults, recompute_rates
from zkfl.rate_schedule import RateSchedule
from zkfl.stated_proofs import read_proofs
from zkfl.zk_circuits.instances import TINY_RATE

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
FULL = TINY_RATE.full_rate
HALVING = RateSchedule(rule="rounds", start=FULL, floor=1, rounds=1)
PLATEAU = RateSchedule(rule="plateau", start=2, rounds=1, threshold=9_999, records=1)
"""Nothing is better than the first round, unless that was wrong about every record."""


def with_rate(events: Sequence[ChainEvent], number: int, rate: int | None) -> list[ChainEvent]:
    """Return the events with another rate for a round, or with none."""
    shown = []
    for event in events:
        if event.name != "RateFixed" or event.values["roundId"] != number:
            shown.append(event)
        elif rate is not None:
            shown.append(replace(event, values=MappingProxyType({**event.values, "rate": rate})))
    return shown


@pytest.fixture(scope="module")
def rated(new_site: Callable[..., "Site"]) -> "Site":
    """Two final rounds, the second with half the rate, and a third that is open."""
    site = new_site("bfv", circuits="tiny-rate", rates=HALVING)
    registry = site.node("ada").registry
    model = [0] * site.ground.spec.model_length
    for _ in range(2):
        expected = site.expected_model(site.run_round(), model)
        model = vector_from_bytes(site.workspace.store.get(registry.model_hash()), len(model))
        assert model == expected
    site.coordinator().open_round()
    return site


@pytest.fixture(scope="module")
def registry(rated: "Site") -> Registry:
    return rated.registry(rated.workspace.site("ada"))


def test_every_rounds_model_is_the_one_that_integers_give_at_its_rate(registry: Registry) -> None:
    """The fixture has compared the models; each secrets vector holds its round's rate."""
    assert [registry.round(number).rate for number in (1, 2, 3)] == [FULL, FULL // 2, FULL // 4]


@pytest.mark.parametrize(("number", "rate"), [(1, FULL), (2, FULL // 2)])
def test_the_secrets_of_a_round_hold_its_rate(number: int, rate: int, rated: "Site") -> None:
    secrets = RoundJournal(rated.home("ada"), number).vector("secrets", TINY_RATE.secrets_length)
    assert secrets is not None
    assert secrets[-1] == rate


# --- other rates ---


@pytest.mark.parametrize("rate", [FULL, FULL // 4 + 1])
def test_the_chain_refuses_a_proof_of_another_rate(
    rate: int, rated: "Site", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = rated.moved_to(tmp_path / "all")
    monkeypatch.setattr(HospitalNode, "_rate", lambda *_: rate)
    with pytest.raises(ContractRevertError, match="PublicScalarsMismatch"):
        site.node("bay").submit(3)


def test_a_node_does_not_send_a_kept_proof_of_another_rate(
    rated: "Site", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = rated.moved_to(tmp_path / "all")
    with monkeypatch.context() as patch:
        patch.setattr(HospitalNode, "_rate", lambda *_: FULL)
        site.node("cay").prove(3)
    sent = site.sent("cay")
    with pytest.raises(RoundChangedError, match="was begun for another round of this number"):
        site.node("cay").submit(3)
    monkeypatch.setattr(
        "zkfl.node.hospital.round_identity",
        lambda state, part, _: round_identity(state, part, FULL),
    )
    with pytest.raises(UpdateMismatchError, match="commits to another rate than"):
        site.node("cay").submit(3)
    assert site.sent("cay") == sent


@pytest.mark.parametrize("rate", [0, FULL + 1])
def test_a_rate_that_no_rule_gives_is_the_endpoints_fault(
    rate: int, rated: "Site", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node asks again, as it does when the endpoint is away; nothing is drawn meanwhile."""
    node = rated.moved_to(tmp_path / "all").node("ada")
    shown = replace(node.registry.round(3), rate=rate)
    monkeypatch.setattr(Registry, "round", lambda *_: shown)
    with pytest.raises(RpcBadAnswerError, match=f"the rate {rate}, and no rule gives one outside"):
        HospitalTurns(node).take()
    assert RoundJournal(node.home, 3).vector("secrets", TINY_RATE.secrets_length) is None


# --- who checks ---


def test_a_member_refuses_another_schedule_than_it_agreed_to(rated: "Site") -> None:
    registry = rated.node("ada").registry
    require_agreed(registry, rated.deployment, rated.consortium, rated.foundation)
    for other in (HALVING.model_copy(update={"floor": 2}), None):
        agreed = rated.consortium.model_copy(update={"rate_schedule": other})
        with pytest.raises(NotGenuineError, match=r"LearningRate|rule of rates"):
            require_agreed(registry, rated.deployment, agreed, rated.foundation)


def test_the_contract_states_the_schedule(rated: "Site") -> None:
    client = rated.node("ada").registry.client
    assert stated_schedule(client, rated.deployment) == HALVING


def test_the_rates_follow_from_the_schedule(registry: Registry) -> None:
    rates = recompute_rates(HALVING, registry.events())
    assert [(it.round_id, it.shown, it.follows) for it in rates] == [
        (1, FULL, FULL),
        (2, FULL // 2, FULL // 2),
        (3, FULL // 4, FULL // 4),
    ]
    assert rate_faults(rates) == []


def test_another_schedule_gives_other_rates(registry: Registry) -> None:
    slower = HALVING.model_copy(update={"rounds": 2})
    [second, _third] = rate_faults(recompute_rates(slower, registry.events()))
    assert isinstance(second, RateDiffersError)
    assert f"round 2 has the rate {FULL // 2}, and {FULL} follows" in str(second)


def test_the_lineage_has_the_rates(registry: Registry) -> None:
    assert [final.rate for final in rebuild(registry)] == [FULL, FULL // 2]


@pytest.mark.parametrize(
    ("rate", "message"),
    [(FULL // 4, "update of .* rate is shown as"), (None, "round 2 has the rate none")],
)
def test_the_lineage_refuses_a_rate_that_no_proof_has(
    rate: int | None, message: str, registry: Registry
) -> None:
    reading = Reading.take(registry)
    changed = with_rate(reading.events, 2, rate)
    with pytest.raises(LineageError, match=message):
        rebuild_lineage(registry, reading=replace(reading, events=changed))


def test_verify_all_recomputes_the_rates(run_zkfl: Run, rated: "Site", tmp_path: Path) -> None:
    (tmp_path / "consortium.json").write_bytes(rated.consortium.to_json())
    shutil.copy(rated.workspace.deployment, tmp_path)
    done = run_zkfl("verify-all", tmp_path, "--rpc-url", rated.anvil.url, "--json")
    assert done.status == ExitCode.OK, done.err
    shown = json.loads(done.out)["result"]
    assert shown["rate_schedule"] == HALVING.model_dump()
    assert [row["rate"] for row in shown["rates"]] == [FULL, FULL // 2, FULL // 4]
    assert not any(proof["wrong_links"] for proof in shown["proofs"])


def test_an_auditor_without_the_agreements_reads_the_schedule_from_the_chain(
    rated: "Site", tmp_path: Path
) -> None:
    alone = shutil.copy(rated.workspace.deployment, tmp_path)
    assert open_audit(Path(alone), rated.anvil.url, None).rates == HALVING


def test_a_proof_that_the_chain_shows_at_another_rate_has_another_link(rated: "Site") -> None:
    audited = open_audit(rated.workspace.root, rated.anvil.url, None)
    events = with_rate(audited.registry.events(), 2, FULL)
    record = read_proofs(audited.registry, events)
    proofs = [proof for proof in record.of_round(2) if proof.circuit == "training"]
    [verdict] = check_proofs(proofs[:1], audited.circuits, audited.router)
    assert verdict.wrong == ("rate",)
    assert isinstance(verdict.fault, ProofLinksError)


def test_a_release_card_has_the_schedule_and_the_rates_of_final_rounds(
    run_zkfl: Run, rated: "Site", tmp_path: Path
) -> None:
    words = ("model", "card", rated.workspace.root, "--out", tmp_path / "model.onnx")
    done = run_zkfl(*words, "--rpc-url", rated.anvil.url)
    assert done.status == 0, done.err
    card = json.loads((tmp_path / "model.card.json").read_bytes())
    training, full = card["training"], TINY_RATE.learning_rate
    assert training["rate_schedule"] == HALVING.model_dump() | {"records": "0"}
    assert training["final_rates"] == [
        {"round": 1, "rate": FULL, "learning_rate": full},
        {"round": 2, "rate": FULL // 2, "learning_rate": full / 2},
    ]
    page = (tmp_path / "model.card.md").read_text()
    assert f"- learning rate of final rounds: {full:g} in 1; {full / 2:g} in 2\n" in page
    assert any("is the one that the schedule gives" in line for line in card["unknown"])


def test_status_and_lineage_show_the_rate(run_zkfl: Run, rated: "Site") -> None:
    done = run_zkfl("status", rated.workspace.root, "--rpc-url", rated.anvil.url)
    assert f"rate       {FULL // 4}" in done.out
    address = rated.deployment.registry
    chain = ("--rpc-url", rated.anvil.url, "--chain-id", rated.deployment.chain_id)
    done = run_zkfl("lineage", address, *chain)
    assert f"rates: {FULL} in round 1, {FULL // 2} in round 2" in done.out, done.err


# --- a plateau ---


@pytest.mark.slow
def test_a_plateau_of_proven_metrics_halves_the_rate(
    new_site: Callable[..., "Site"], make_records: Callable[[Path, int, int], None]
) -> None:
    """A round of nearly no step is no better than the first; it is judged once the third ended."""
    site = new_site("bfv", circuits="tiny-rate", rates=PLATEAU, metrics=True)
    registry, node = site.node("ada").registry, site.node("bay")
    make_records(HeldOutHome(site.workspace.site("bay")).records, 6, 9)
    assert ModelTester(node).admit()
    for _ in range(2):
        assert all(shard.sent for shard in ModelTester(site.node("bay")).prove(site.run_round()))
    site.run_round()
    site.coordinator().open_round()
    assert [registry.round(number).rate for number in range(1, 5)] == [2, 2, 2, 1]
    audited = open_audit(site.workspace.root, site.anvil.url, None)
    reading = Reading.take(audited.registry)
    assert audited.metrics is not None
    metrics = MetricsReading.take(audited.metrics, reading)
    rates = recompute_rates(PLATEAU, reading.events, metrics.events)
    assert [rate.follows for rate in rates] == [2, 2, 2, 1]
    assert not rate_faults(rates)
    [fault] = rate_faults(recompute_rates(PLATEAU, reading.events))
    assert "round 4 has the rate 1, and 2 follows" in str(fault)


# --- without proofs ---


def test_a_rehearsal_steps_by_the_schedule(rated: "Site") -> None:
    spec = rated.ground.spec
    records = {"bay": read_records(rated.home("bay").records, rated.ground.schema, spec)}
    plain = RehearsalRules(WeightRule.RECORDS, 1 << 16, noise_bound=0)
    whole, halved = (
        [entry.norm for [entry] in rehearse(spec, records, [0] * spec.parameters, rules, 2)]
        for rules in (plain, replace(plain, rates=HALVING))
    )
    assert halved[0] == whole[0]
    assert halved[1] == pytest.approx(whole[1] / 2, abs=spec.parameters / spec.one)


# --- where proofs are posted ---


@pytest.mark.slow
def test_posted_proofs_are_compared_with_the_rounds_rate(
    new_site: Callable[..., "Site"], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new_site("bfv", challenge_window=3_600, circuits="tiny-rate", rates=HALVING)
    round_id, _ = site.coordinator().open_round()
    for name in ("ada", "bay", "cay"):
        site.node(name).submit(round_id)
    assert site.node("ada").check_proofs(round_id) == []
    shown = Registry.round
    monkeypatch.setattr(Registry, "round", lambda *it: replace(shown(*it), rate=FULL // 2))
    with pytest.raises(ProofNotShownError, match="commits to another rate than"):
        site.node("bay").check_proofs(round_id)
