"""``zkfl verify-all`` checks every proof of a chain, and shows what does not hold as a row."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hexbytes import HexBytes

from zkfl.auditor import AuditedConsortium, AuditorError, open_audit
from zkfl.chain.client import ChainClient
from zkfl.chain.events import ChainEvent
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.registry import Registry
from zkfl.chain.reverts import error_selector
from zkfl.cli.exit_codes import ExitCode
from zkfl.proof_verdicts import (
    ProofLinksError,
    ProofMissingError,
    ProofVerdict,
    VerifiersDisagreeError,
    check_proofs,
)
from zkfl.stated_proofs import StatedProof, read_proofs

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
ADMITTED = ("ada", "bay", "cay")
PROOFS = 4 + 3 + 3
POINT = MappingProxyType({"x": 1, "y": 2})


@pytest.fixture(scope="module")
def complete(rewarding_final: "Site") -> "Site":
    """A final round with every kind of proof."""
    for name in ADMITTED:
        rewarding_final.node(name).prove_benefit(1)
    return rewarding_final


@pytest.fixture(scope="module")
def public(complete: "Site", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an auditor is given: two files, and no folder of any party."""
    folder = tmp_path_factory.mktemp("auditor")
    write_public(complete, folder)
    return folder


def write_public(site: "Site", folder: Path) -> None:
    (folder / "consortium.json").write_bytes(site.consortium.to_json())
    shutil.copy(site.workspace.deployment, folder)


@pytest.fixture(scope="module")
def audited(complete: "Site", public: Path) -> AuditedConsortium:
    return open_audit(public, complete.anvil.url, None)


def verdicts(audited: AuditedConsortium, proofs: list[StatedProof] | None = None) -> list[Any]:
    listed = read_proofs(audited.registry).proofs if proofs is None else proofs
    return check_proofs(listed, audited.circuits, audited.router)


def faults(found: list[ProofVerdict]) -> list[type[Exception]]:
    return [type(verdict.fault) for verdict in found if verdict.fault is not None]


# --- what holds ---


def test_every_proof_of_an_honest_chain_holds(
    run_zkfl: Run, complete: "Site", public: Path
) -> None:
    done = run_zkfl("verify-all", public, "--rpc-url", complete.anvil.url, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    assert (said["checked"], said["faults"], said["lineage"]) == (PROOFS, 0, "adds up")
    assert (said["srs_insecure"], said["agreements_compared"]) == (True, True)
    assert {(row["native"], row["on_chain"], row["fault"]) for row in said["proofs"]} == {
        (True, True, None)
    }
    kinds = [
        (row["circuit"], row["hospital"], row["round"], row["shard"]) for row in said["proofs"]
    ]
    assert [kind for kind in kinds if kind[1] == "bay"] == [
        ("admission", "bay", None, 0),
        ("training", "bay", 1, 0),
        ("benefit", "bay", 1, None),
    ]


def test_people_get_a_table_and_one_round_of_it(
    run_zkfl: Run, complete: "Site", public: Path
) -> None:
    done = run_zkfl("verify-all", public, "--rpc-url", complete.anvil.url, "--round", 1)
    assert done.status == 0, done.err
    # the second shard of ada was not trained on
    assert "9 proofs, 9 as they must be; lineage adds up" in done.out
    assert "data, model, public, update, zeros" in done.out
    refused = run_zkfl("verify-all", public, "--rpc-url", complete.anvil.url, "--round", 9)
    assert refused.status == ExitCode.NOT_NOW
    assert "round 9 has no proofs; rounds with proofs: 1" in refused.err


def test_a_deployment_file_alone_is_enough(run_zkfl: Run, complete: "Site", public: Path) -> None:
    file = public / "deployment.json"
    done = run_zkfl("verify-all", file, "--rpc-url", complete.anvil.url)
    assert done.status == 0, done.err
    assert f"{PROOFS} proofs, {PROOFS} as they must be" in done.out
    assert "no consortium.json: the agreements are those that the chain states" in done.err


# --- what is missing ---


def test_a_hidden_transaction_is_a_row(
    run_zkfl: Run, complete: "Site", public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = complete.node("bay").registry
    [hidden] = [
        event.tx_hash
        for event in registry.events(names=["UpdateSubmitted"])
        if event.values["member"] == complete.address("bay")
    ]
    honest = ChainClient.transaction
    monkeypatch.setattr(
        ChainClient, "transaction", lambda self, tx: None if tx == hidden else honest(self, tx)
    )
    done = run_zkfl("verify-all", public, "--rpc-url", complete.anvil.url, "--json")
    assert done.status == ExitCode.MISTRUST
    said = json.loads(done.out)
    assert said["error"]["name"] == "ProofMissingError"
    assert (said["result"]["checked"], said["result"]["lineage"]) == (PROOFS, "differs")
    [row] = [row for row in said["result"]["proofs"] if row["fault"]]
    assert (row["hospital"], row["circuit"], row["native"]) == ("bay", "training", None)
    assert "the endpoint has no transaction" in row["message"]


@pytest.mark.parametrize("function", ["admitShard", "submitUpdate", "proveBenefit"])
def test_calldata_that_nobody_signed_is_missing(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    [entry] = [entry for entry in audited.registry.abi if entry.get("name") == function]
    selector = error_selector(entry)
    honest = ChainClient.transaction

    def changed(self: ChainClient, tx: str) -> Any:  # noqa: ANN401
        transaction = honest(self, tx)
        data = bytearray(HexBytes(transaction["input"]))  # type: ignore[index]
        if data[:4] != selector:
            return transaction
        data[-40] ^= 1
        return {**transaction, "input": HexBytes(bytes(data))}  # type: ignore[dict-item]

    monkeypatch.setattr(ChainClient, "transaction", changed)
    found = verdicts(audited)
    assert faults(found) == [ProofMissingError] * (4 if function == "admitShard" else 3)
    assert len(found) == PROOFS
    assert all("signer is shown" in v.proof.problem for v in found if v.fault)


# --- what is about something else ---


def alter(name: str, **values: object) -> Callable[[list[ChainEvent]], list[ChainEvent]]:
    def change(events: list[ChainEvent]) -> list[ChainEvent]:
        place = max(i for i, event in enumerate(events) if event.name == name)
        altered = MappingProxyType({**events[place].values, **values})
        return [*events[:place], replace(events[place], values=altered), *events[place + 1 :]]

    return change


def without(name: str) -> Callable[[list[ChainEvent]], list[ChainEvent]]:
    return lambda events: [event for event in events if event.name != name]


def wrong_links(
    audited: AuditedConsortium,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[list[ChainEvent]], list[ChainEvent]],
) -> set[tuple[str, str]]:
    honest = Registry.events
    monkeypatch.setattr(Registry, "events", lambda self: change(honest(self)))
    found = verdicts(audited)
    assert set(faults(found)) == {ProofLinksError}
    return {(v.proof.circuit, name) for v in found for name in v.wrong}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (alter("ShardAdmitted", commitment=POINT), {("admission", "data")}),
        (alter("ShardAdmitted", count=8), {("admission", "public")}),
        (alter("ShardAdmitted", shardIndex=7), {("admission", "public")}),
        (without("ShardAdmitted"), {("training", "data")}),
        (alter("RoundOpened", modelBefore=POINT), {("training", "model"), ("benefit", "rest")}),
        (
            alter("UpdateSubmitted", update=POINT),
            {("training", "update"), ("benefit", "update"), ("benefit", "rest")},
        ),
        (alter("RoundClosed", modelAfter=POINT), {("benefit", "rest")}),
        (alter("BenefitProven", level=17), {("benefit", "public")}),
    ],
    ids=["commitment", "count", "index", "no-shard", "model", "update", "after", "level"],
)
def test_a_proof_of_something_else_shows(
    audited: AuditedConsortium,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[list[ChainEvent]], list[ChainEvent]],
    wrong: set[tuple[str, str]],
) -> None:
    assert wrong_links(audited, monkeypatch, change) == wrong


def test_an_event_of_another_proof_and_a_hidden_event_show(
    audited: AuditedConsortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Registry.events
    for change, problem in (
        (alter("UpdateSubmitted", proofHash=b"\x07" * 32), "names another proof's hash"),
        (without("UpdateSubmitted"), "no event shows it"),
    ):
        monkeypatch.setattr(Registry, "events", lambda self, c=change: c(honest(self)))
        missing = [v for v in verdicts(audited) if isinstance(v.fault, ProofMissingError)]
        assert missing
        assert all(problem in verdict.proof.problem for verdict in missing)


# --- verifiers ---


def test_a_router_that_knows_the_circuit_no_more_disagrees(
    complete: "Site", audited: AuditedConsortium
) -> None:
    snapshot = complete.anvil.control("evm_snapshot")
    office = complete.registry(complete.workspace.role("office")).client
    router = type(audited.router)(office, audited.router.address)
    router.remove(audited.circuits.training.manifest.manifest_hash())
    try:
        found = verdicts(audited)
        assert set(faults(found)) == {VerifiersDisagreeError}
        assert {v.refusal for v in found if v.fault} == {"CircuitTombstoned"}
        with pytest.raises(NotGenuineError, match="is routed to"):
            open_audit(complete.workspace.deployment, complete.anvil.url, None)
    finally:
        complete.anvil.control("evm_revert", snapshot)


# --- files ---


def test_a_folder_without_the_public_files_is_refused(
    run_zkfl: Run, complete: "Site", public: Path, tmp_path: Path
) -> None:
    shutil.copy(public / "deployment.json", tmp_path)
    done = run_zkfl("verify-all", tmp_path, "--rpc-url", complete.anvil.url)
    assert done.status == ExitCode.CONFIG
    assert "has no consortium.json" in done.err


def test_other_agreements_than_the_chains_are_refused(
    complete: "Site", public: Path, tmp_path: Path
) -> None:
    write_public(complete, tmp_path)
    agreed = json.loads((public / "consortium.json").read_text())
    (tmp_path / "consortium.json").write_text(json.dumps({**agreed, "quorum_bps": 9_000}))
    with pytest.raises(NotGenuineError):
        open_audit(tmp_path, complete.anvil.url, None)


def test_circuits_that_nobody_built_here_are_named(
    complete: "Site", public: Path, tmp_path: Path
) -> None:
    stated = json.loads((public / "deployment.json").read_text())
    stated["training"]["manifest_hash"] = "07" * 32
    (tmp_path / "deployment.json").write_text(json.dumps(stated))
    with pytest.raises(AuditorError, match="has the manifest hash 0707"):
        open_audit(tmp_path / "deployment.json", complete.anvil.url, None)
