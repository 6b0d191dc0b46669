"""``zkfl verify-all`` checks proofs of metrics again, and finds what an endpoint changes."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.auditor import AuditedConsortium, open_audit
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.events import ChainEvent
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.model_metrics import ModelMetrics
from zkfl.chain.protocol import admission_context, held_out_context
from zkfl.lineage import Reading, rebuild_lineage
from zkfl.metrics_reading import MetricsReading
from zkfl.node.model_testing import ModelTester, StuckShardError
from zkfl.node.shard_vault import ShardVault
from zkfl.proof_verdicts import check_proofs
from zkfl.stated_metrics import MetricsRecord, read_metric_proofs
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import prove

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
CHAIN_ID = 31_337
DEADLINE = 120.0


@pytest.fixture(scope="module")
def site(
    committed: "Site",
    borrow: Callable[["Site", Path], Iterator["Site"]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator["Site"]:
    """A final round, of whose model three test shards are counted."""
    for site in borrow(committed, tmp_path_factory.mktemp("counted")):
        for name in ("ada", "bay"):
            assert all(shard.sent for shard in ModelTester(site.node(name)).prove(1))
        yield site


@pytest.fixture(scope="module")
def audited(site: "Site", folder: Path) -> AuditedConsortium:
    return open_audit(folder, site.anvil.url, None)


@pytest.fixture(scope="module")
def folder(site: "Site", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an auditor is given: two files."""
    folder = tmp_path_factory.mktemp("auditor")
    (folder / "consortium.json").write_bytes(site.consortium.to_json())
    shutil.copy(site.workspace.deployment, folder)
    return folder


def stated(audited: AuditedConsortium) -> MetricsRecord:
    assert audited.metrics is not None
    reading = Reading.take(audited.registry)
    stated = MetricsReading.take(audited.metrics, reading)
    lineage = rebuild_lineage(audited.registry, None, reading)
    return read_metric_proofs(audited.metrics, lineage, stated)


def faults(audited: AuditedConsortium) -> list[str]:
    """Return the names of tensors that are wrong, or of the fault."""
    found = check_proofs(stated(audited).proofs, audited.circuits, audited.router)
    kinds = (", ".join(v.wrong) or type(v.fault).__name__ for v in found if v.fault is not None)
    return list(kinds)


def test_every_proof_of_metrics_is_checked_again(
    run_zkfl: Run, site: "Site", folder: Path, audited: AuditedConsortium
) -> None:
    assert audited.metrics is not None
    everything = audited.metrics.metrics_of(1).counts
    for path in (folder, folder / "deployment.json"):
        done = run_zkfl("verify-all", path, "--rpc-url", site.anvil.url, "--json")
        assert done.status == 0, done.err
        said = json.loads(done.out)["result"]["metrics"]
        assert (said["checked"], said["faults"]) == (6, [])
        assert said["rounds"][0]["counts"] == everything._asdict()


def changed(
    monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[ChainEvent], ChainEvent | None]
) -> None:
    """Have the endpoint show events of a name as changed, or not at all."""
    honest = ModelMetrics.events

    def lying(self: ModelMetrics, to_block: int | None = None) -> list[ChainEvent]:
        shown = honest(self, to_block)
        seen = (change(event) if event.name == name else event for event in shown)
        return [event for event in seen if event is not None]

    monkeypatch.setattr(ModelMetrics, "events", lying)


def with_values(**values: object) -> Callable[[ChainEvent], ChainEvent]:
    return lambda event: replace(event, values={**event.values, **values})


def test_other_counts_than_were_signed(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("truePositives", "falsePositives", "falseNegatives", "trueNegatives")
    counts = dict(zip(names, (5, 0, 0, 0), strict=True))
    changed(monkeypatch, "MetricsProven", with_values(counts=counts))
    record = stated(audited)
    assert all("counts is shown as" in proof.problem for proof in record.proofs[-3:])
    assert "round 1: the contract sums" in str(record.problems[0])
    assert "round 1, member 1: the contract sums" in str(record.problems[1])


def test_a_proof_that_is_left_out(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, "MetricsProven", lambda e: None if e.values["memberId"] == 2 else e)
    sums, opened = stated(audited).problems
    assert "the contract sums 3 test shards" in str(sums)
    assert "the proofs that are shown are 2" in str(sums)
    assert "opened 2 times, and events lead to" in str(opened)


def test_a_round_that_is_left_out_whole(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, "MetricsProven", lambda _: None)
    record = stated(audited)
    assert record.rounds == []
    assert "round 1: the contract sums 3 test shards" in str(record.problems[0])
    assert "the proofs that are shown are 0" in str(record.problems[0])
    assert [str(problem)[:20] for problem in record.problems[1:]] == [
        "test shard 0 of memb",
        "test shard 1 of memb",
        "test shard 0 of memb",
    ]


def test_a_shard_that_is_left_out_with_all_about_it(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TestShardAdmitted", "MetricsProven"):
        changed(monkeypatch, name, lambda e: None if e.values["memberId"] == 2 else e)
    said = [str(problem) for problem in stated(audited).problems]
    assert "member 2 has 1 test shards in the contract, and events show 0" in said[1]
    assert len(said) == 2


def test_a_shard_that_is_shown_as_older(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a model could be known at the admission is what nobody signs."""
    changed(monkeypatch, "TestShardAdmitted", with_values(admittedIn=7))
    said = [str(problem) for problem in stated(audited).problems]
    assert len(said) == 3
    assert "admitted in round 0 and opened 2 times, and events lead to" in said[0]
    assert "admitted in round 7" in said[0]


def test_what_is_proven_while_the_chain_is_read_is_left_out(
    run_zkfl: Run,
    site: "Site",
    folder: Path,
    audited: AuditedConsortium,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One block for the lineage, the events and the sums: an honest endpoint is no liar."""
    assert audited.metrics is not None
    block = audited.metrics.events()[-1].block_number - 1
    monkeypatch.setattr("zkfl.chain.client.ChainClient.block_number", lambda _: block)
    done = run_zkfl("verify-all", folder, "--rpc-url", site.anvil.url, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    assert (said["block"], said["metrics"]["checked"]) == (block, 5)


def test_an_event_of_another_member(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, "MetricsProven", with_values(memberId=3))
    record = stated(audited)
    assert "is member 3, and it is not" in str(record.problems[0])


def test_a_test_shard_that_trains(
    audited: AuditedConsortium, site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    node = site.node("ada")
    point = node.registry.shard_of(node.address, 0).commitment
    shown = {"x": point.x, "y": point.y}
    changed(monkeypatch, "TestShardAdmitted", with_values(commitment=shown))
    assert faults(audited)[:3] == ["data"] * 3


def test_a_test_shard_that_is_not_shown(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, "TestShardAdmitted", lambda _: None)
    assert faults(audited) == ["data"] * 3


def test_another_contract_in_the_place_of_the_agreed_one(
    site: "Site", folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "changed")
    folder = tmp_path / "changed"
    file = folder / "deployment.json"
    named = json.loads(file.read_text())
    file.write_text(json.dumps(named | {"metrics": named["registry"]}))
    with pytest.raises(NotGenuineError, match="is not the ModelMetrics"):
        open_audit(folder, site.anvil.url, None)
    file.write_text(json.dumps(named | {"metrics": None}))
    with pytest.raises(NotGenuineError, match="names no contract of metrics"):
        open_audit(folder, site.anvil.url, None)


def test_a_training_shard_is_no_test_shard(
    site: "Site", borrow: Callable[["Site", Path], Iterator["Site"]], tmp_path: Path
) -> None:
    for lent in borrow(site, tmp_path):
        node = lent.node("bay")
        tester = ModelTester(node)
        shard = node.vault.load(0)
        context = held_out_context(CHAIN_ID, tester.metrics.address, node.address, 1)
        vectors = {"data": shard.vector, "public": pack_public(shard.count, context)}
        proof = prove(lent.ground.circuits.admission, vectors, DEADLINE)
        with pytest.raises(ContractRevertError, match="TrainsToo"):
            tester.metrics.admit_test_shard(shard.count, proof.data)


def test_a_release_card_names_it_beside_the_counts_that_it_is_in(
    run_zkfl: Run, trained: "Site", folder: Path, tmp_path: Path
) -> None:
    counts = ModelTester(trained.node("bay")).metrics.metrics_of(1).counts
    out = tmp_path / "model.onnx"
    done = run_zkfl("model", "card", folder, "--out", out, "--rpc-url", trained.anvil.url)
    assert done.status == 0, done.err
    metrics = json.loads((tmp_path / "model.card.json").read_bytes())["metrics"]
    assert {name: metrics["counts"][name] for name in counts._fields} == counts._asdict()
    [said] = metrics["came_to_train"]
    assert "came to train later, as training shard 1 of member 2" in said


@pytest.fixture
def trained(
    site: "Site", borrow: Callable[["Site", Path], Iterator["Site"]], tmp_path: Path
) -> Iterator["Site"]:
    """A test shard of bay's came to train after its counts were proven."""
    for lent in borrow(site, tmp_path):
        node = lent.node("bay")
        shard = ShardVault(ModelTester(node).home, node.spec.data_length).load(0)
        context = admission_context(CHAIN_ID, node.registry.address, node.address, 1)
        vectors = {"data": shard.vector, "public": pack_public(shard.count, context)}
        proof = prove(lent.ground.circuits.admission, vectors, DEADLINE)
        node.registry.admit_shard(shard.count, proof.data)
        yield lent


def test_a_test_shard_that_came_to_train(
    run_zkfl: Run,
    trained: "Site",
    folder: Path,
    audited: AuditedConsortium,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was proven before counts, as that model was not trained with it; nothing does since."""
    node = trained.node("bay")
    tester = ModelTester(node)
    counts = tester.metrics.metrics_of(1).counts
    done = run_zkfl("verify-all", folder, "--rpc-url", trained.anvil.url, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]["metrics"]
    assert (said["checked"], said["faults"]) == (6, [])
    [finding] = said["findings"]
    assert f"test shard 0 of member 2 ({node.address}) came to train later" in finding
    assert "as training shard 1 of member 2" in finding
    assert said["rounds"][0]["counts"] == counts._asdict()
    assert stated(audited).findings_of(1) == [finding]
    assert stated(audited).findings_of(2) == [], "its counts are not of that round"
    monkeypatch.setattr(tester.metrics, "is_proven", lambda *_: False)
    assert (tester.owed(1), tester.provable(1)) == ([0], [])
    with pytest.raises(StuckShardError, match="is a training shard too"):
        next(tester.prove(1))
    for name in ("TestShardAdmitted", "MetricsProven"):
        changed(monkeypatch, name, lambda event: replace(event, block_number=10**9))
    later = [str(problem) for problem in stated(audited).problems]
    assert len(later) == 2
    assert "is shown in TestShardAdmitted although it was training shard 1" in later[0]
    assert "is shown in MetricsProven although it was training shard 1" in later[1]
