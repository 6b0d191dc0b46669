"""The council removes the circuit of evaluation: nodes start, and what was proven still holds."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.auditor import AuditedConsortium, open_audit
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.router import Router
from zkfl.chain.runtime_template import fits_template
from zkfl.lineage import Reading, rebuild_lineage
from zkfl.metrics_reading import MetricsReading
from zkfl.node.model_testing import ModelTester
from zkfl.node.turns import HospitalTurns
from zkfl.parties import PartyOpener
from zkfl.stated_metrics import read_metric_proofs

if TYPE_CHECKING:
    from conftest import Site

    from zkfl.chain.states import Route

Run = Callable[..., SimpleNamespace]


@pytest.fixture(scope="module")
def site(
    committed: "Site",
    borrow: Callable[["Site", Path], Iterator["Site"]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator["Site"]:
    """One test shard is counted; then the circuit is removed."""
    for site in borrow(committed, tmp_path_factory.mktemp("removed")):
        assert all(shard.sent for shard in ModelTester(site.node("bay")).prove(1))
        remove(site, site.deployment.circuits()["evaluation"].manifest_hash)
        yield site


@pytest.fixture(scope="module")
def folder(site: "Site", tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("auditor")
    (folder / "consortium.json").write_bytes(site.consortium.to_json())
    shutil.copy(site.workspace.deployment, folder)
    return folder


@pytest.fixture(scope="module")
def audited(site: "Site", folder: Path) -> AuditedConsortium:
    return open_audit(folder, site.anvil.url, None)


def remove(site: "Site", circuit: str) -> None:
    office = site.registry(site.workspace.role("office")).client
    Router(office, site.deployment.router).remove(bytes.fromhex(circuit))


def opener(site: "Site") -> PartyOpener:
    parts = (site.workspace, site.consortium, site.foundation, site.deployment, site.anvil.url)
    return PartyOpener(*parts)


def test_every_party_starts_as_before(site: "Site") -> None:
    assert opener(site).coordinator().registry.final_round() == 1
    turn = HospitalTurns(opener(site).node("ada")).take()
    assert (turn.done, turn.warning) == ((), "")


def test_what_was_proven_is_checked_by_the_verifier_itself(
    run_zkfl: Run, site: "Site", folder: Path
) -> None:
    done = run_zkfl("verify-all", folder, "--rpc-url", site.anvil.url)
    assert done.status == 0, done.err
    assert "4 proofs, 0 faults" in " ".join(done.out.split())
    assert "the council removed the circuit of evaluation" in " ".join(done.out.split())


def test_the_verifier_refuses_what_it_always_refused(audited: AuditedConsortium) -> None:
    assert audited.metrics is not None
    assert audited.circuits.evaluation is not None
    reading = Reading.take(audited.registry)
    stated = MetricsReading.take(audited.metrics, reading)
    record = read_metric_proofs(audited.metrics, rebuild_lineage(audited.registry), stated)
    proof = record.proofs[-1].data
    assert proof is not None
    circuit = audited.circuits.evaluation.manifest.manifest_hash()
    changed = proof[:-1] + bytes([proof[-1] ^ 1])
    off_curve = bytes([proof[0] ^ 1]) + proof[1:]
    said = [
        audited.router.refusal_of(circuit, shown, removable=True)
        for shown in (proof, changed, off_curve, proof[:-1])
    ]
    assert said == ["", "InvalidProof", "InvalidProof", "ProofLengthMismatch"]
    assert audited.router.refusal_of(circuit, proof) == "CircuitTombstoned"


def test_a_removed_route_to_another_verifier(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Router.route

    def lying(self: Router, circuit: bytes) -> "Route":
        route = honest(self, circuit)
        return (
            replace(route, verifier=site.deployment.training.verifier) if route.removed else route
        )

    monkeypatch.setattr(Router, "route", lying)
    with pytest.raises(NotGenuineError, match="is routed to"):
        opener(site).node("ada")


def test_another_contract_of_metrics(site: "Site") -> None:
    named = site.deployment.model_copy(update={"metrics": site.deployment.registry})
    with pytest.raises(NotGenuineError, match="is not the ModelMetrics"):
        opener(replace(site, deployment=named)).node("ada")


def test_its_creation_is_looked_at_all_the_same(site: "Site") -> None:
    """Code that was created by another transaction could have begun with other storage."""
    steps = [
        step.model_copy(update={"tx_hash": site.deployment.transactions[0].tx_hash})
        if step.step == "model metrics"
        else step
        for step in site.deployment.transactions
    ]
    named = site.deployment.model_copy(update={"transactions": tuple(steps)})
    with pytest.raises(NotGenuineError, match="ran other creation code"):
        opener(replace(site, deployment=named)).node("ada")


def test_no_other_circuit_may_be_missing(
    site: "Site", borrow: Callable[["Site", Path], Iterator["Site"]], tmp_path: Path
) -> None:
    for lent in borrow(site, tmp_path):
        remove(lent, lent.deployment.training.manifest_hash)
        with pytest.raises(NotGenuineError, match="is routed to"):
            opener(lent).node("ada")


def test_code_is_that_of_a_template_with_known_values() -> None:
    first, second, other = (bytes([value]) * 32 for value in (1, 2, 3))
    gap = b"\x7f" + bytes(32)
    creation = b"constructor" + b"\x60" + gap + b"\x01" + gap + b"\x02"
    size = len(creation) - len(b"constructor")

    def fits(code: bytes) -> bool:
        return fits_template(code, creation, size, {first, second})

    assert fits(b"\x60\x7f" + first + b"\x01\x7f" + second + b"\x02")
    assert not fits(b"\x60\x7f" + first + b"\x01\x7f" + other + b"\x02")
    assert not fits(b"\x60\x7f" + first + b"\x03\x7f" + second + b"\x02")
    assert not fits(b"\x60\x7f" + first + b"\x01\x7f" + second + b"\x04")
    assert not fits(b"\x60\x7f" + first + b"\x01\x7f" + second + b"\x02\x00")
    assert not fits(b"")
