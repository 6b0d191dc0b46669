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
from zkfl.chain.events import ChainEvent
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.model_metrics import ModelMetrics
from zkfl.chain.router import Router
from zkfl.lineage import rebuild_lineage
from zkfl.node.model_testing import ModelTester
from zkfl.parties import PartyOpener
from zkfl.proof_verdicts import check_proofs
from zkfl.stated_metrics import MetricsRecord, read_metric_proofs

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]


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
    return read_metric_proofs(audited.metrics, rebuild_lineage(audited.registry))


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

    def lying(self: ModelMetrics) -> list[ChainEvent]:
        seen = (change(event) if event.name == name else event for event in honest(self))
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
    assert "the contract sums" in str(record.problems[-1])


def test_a_proof_that_is_left_out(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, "MetricsProven", lambda e: None if e.values["memberId"] == 2 else e)
    [problem] = stated(audited).problems
    assert "the contract sums 3 test shards" in str(problem)
    assert "the proofs that are shown are 2" in str(problem)


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
    record = stated(audited)
    assert "is a training shard too" in str(record.problems[0])
    assert faults(audited)[:3] == ["data"] * 3


def test_a_test_shard_that_is_not_shown(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, "TestShardAdmitted", lambda _: None)
    assert faults(audited) == ["data"] * 3


@pytest.fixture
def removed(site: "Site", audited: AuditedConsortium) -> Iterator[None]:
    """The council took the circuit of metrics off the router."""
    circuit = audited.circuits.evaluation
    assert circuit is not None
    snapshot = site.anvil.control("evm_snapshot")
    office = site.registry(site.workspace.role("office")).client
    Router(office, audited.router.address).remove(circuit.manifest.manifest_hash())
    yield
    site.anvil.control("evm_revert", snapshot)


@pytest.mark.usefixtures("removed")
def test_what_was_proven_stays_when_the_circuit_is_removed(
    run_zkfl: Run, site: "Site", folder: Path
) -> None:
    """Every party still opens, and verify-all asks the verifier itself."""
    opener = PartyOpener(
        site.workspace, site.consortium, site.foundation, site.deployment, site.anvil.url
    )
    assert opener.node("ada").registry.final_round() == 1
    assert opener.coordinator().registry.final_round() == 1
    done = run_zkfl("verify-all", folder, "--rpc-url", site.anvil.url, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]["metrics"]
    assert (said["checked"], said["faults"]) == (6, [])


@pytest.mark.usefixtures("removed")
def test_an_invalid_proof_under_a_removed_circuit(
    site: "Site", folder: Path, audited: AuditedConsortium
) -> None:
    [*_, proof] = stated(audited).proofs
    assert proof.data is not None
    changed_byte = proof.data[:-1] + bytes([proof.data[-1] ^ 1])
    for data, refusal in (
        (proof.data, ""),
        (changed_byte, "InvalidProof"),
        (proof.data + bytes(1), "ProofLengthMismatch"),
    ):
        [verdict] = check_proofs([replace(proof, data=data)], audited.circuits, audited.router)
        assert (verdict.native, verdict.refusal) == (not refusal, refusal)
    with pytest.raises(NotGenuineError, match="removed=True"):
        _remove_training(site, folder, audited)


def _remove_training(site: "Site", folder: Path, audited: AuditedConsortium) -> None:
    office = site.registry(site.workspace.role("office")).client
    circuit = audited.circuits.training.manifest.manifest_hash()
    Router(office, audited.router.address).remove(circuit)
    open_audit(folder, site.anvil.url, None)


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
