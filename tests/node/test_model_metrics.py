"""Metrics end to end: test shards, real proofs of counts on final models, and their sums."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from zkfl.chain.compile import compile_project
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.model_metrics import ModelMetrics
from zkfl.chain.protocol import evaluation_context, held_out_context
from zkfl.chain.registry import Registry
from zkfl.cli.evaluation_steps import show_evaluation
from zkfl.cli.exit_codes import ExitCode
from zkfl.model_vector import current_model
from zkfl.node.held_out_home import HeldOutHome, HeldOutRecordsError
from zkfl.node.home import NodeHome
from zkfl.node.home_evaluation import evaluate_at_home
from zkfl.node.hospital import HospitalError
from zkfl.node.key_rotation import prepare_account, rotate_account
from zkfl.node.model_testing import ModelTester, ModelTestingError, StuckShardError
from zkfl.node.opening_count import BlindersSpentError
from zkfl.node.own_records import read_records
from zkfl.node.turns import HospitalTurns
from zkfl.party_accounts import open_client, open_next_account
from zkfl.zk_circuits.evaluation.counts import NO_COUNTS, ConfusionCounts
from zkfl.zk_circuits.layout import pack_public, unpack_model
from zkfl.zk_circuits.prover import Proof, prove

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
MakeRecords = Callable[[Path, int, int], None]
HELD_OUT = {"ada": 10, "bay": 6}
"""Test records of each hospital: 2 shards and 1 of 8 slots."""
DEADLINE = 120.0
CHEAP = 1 << 12
"""Work of a keystore's password hash."""


@pytest.fixture
def site(
    committed: "Site", tmp_path: Path, borrow: Callable[["Site", Path], Iterator["Site"]]
) -> Iterator["Site"]:
    yield from borrow(committed, tmp_path)


def opened(site: "Site", name: str) -> ModelTester:
    return ModelTester(site.node(name))


def model_of(site: "Site") -> list[int]:
    node = site.node("ada")
    ground = site.ground
    return current_model(node.registry, ground.store, ground.committer, ground.spec.model_length)


def counted(site: "Site", name: str) -> ConfusionCounts:
    """Count from the file of records, in exact integers and without shards."""
    spec = site.ground.spec
    home = HeldOutHome(site.workspace.site(name))
    features, labels = read_records(home.records, site.ground.schema, spec)
    parameters = unpack_model(spec, model_of(site))
    rows = [[*map(int, row), spec.one] for row in features]
    taken = np.array(
        [sum(x * w for x, w in zip(row, parameters, strict=True)) >= 0 for row in rows]
    )
    ill = labels == 1
    cells = (ill & taken, ~ill & taken, ill & ~taken, ~ill & ~taken)
    return ConfusionCounts(*(int(cell.sum()) for cell in cells))


# --- what is proven ---


def test_counts_of_hospitals_are_proven_and_add_up(run_zkfl: Run, site: "Site") -> None:
    folder, rpc = site.workspace.root, ("--rpc-url", site.anvil.url)
    for name in HELD_OUT:
        proven = list(opened(site, name).prove(1))
        assert all(metrics.sent for metrics in proven)
        total = NO_COUNTS
        for metrics in proven:
            total = total.plus(metrics.counts)
        assert total == counted(site, name)
    metrics = opened(site, "ada").metrics
    everything = counted(site, "ada").plus(counted(site, "bay"))
    assert metrics.metrics_of(1).counts == everything
    assert metrics.metrics_of(1).shards == 3
    assert metrics.member_metrics_of(1, 2).counts == counted(site, "bay")
    assert [shard.sent for shard in opened(site, "bay").prove(1)] == [None]

    done = run_zkfl("metrics", folder, *rpc, "--json")
    assert done.status == 0, done.err
    [said] = json.loads(done.out)["result"]["rounds"]
    assert said["counts"] == everything._asdict()
    accuracy = (everything.true_positives + everything.true_negatives) / everything.records
    assert said["rates"]["accuracy"]["value"] == pytest.approx(accuracy)
    shown = {entry["hospital"]: entry for entry in said["hospitals"]}
    assert (shown["ada"]["shards"], shown["ada"]["admitted_shards"]) == (2, 2)
    assert shown["bay"]["committed_before"] is True
    people = run_zkfl("metrics", folder, *rpc)
    assert "ada" in people.out
    assert "3 proofs of metrics" in people.out
    assert "when the model could be known" not in people.out


def test_a_node_takes_the_steps_by_itself(site: "Site", make_records: MakeRecords) -> None:
    """Cay brings test records after the round, which everybody can see."""
    make_records(HeldOutHome(site.workspace.site("cay")).records, 4, 60)
    turn = HospitalTurns(site.node("cay")).take()
    assert turn.done == (
        "test shard 0 admitted",
        "metrics on test shard 0 proven (round 1)",
    )
    assert HospitalTurns(site.node("cay")).take().done == ()
    ada = HospitalTurns(site.node("ada")).take()
    assert ada.done == (
        "metrics on test shard 0 proven (round 1)",
        "metrics on test shard 1 proven (round 1)",
    )


def test_a_node_looks_at_the_chain_between_two_proofs(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proof takes minutes, and a dispute may have begun meanwhile."""
    node = site.node("ada")
    looked: list[str] = []
    step, current = node.prove_step, node.registry.current_round

    def proving(said: str, *rest: Any) -> Proof:  # noqa: ANN401 - handed through
        looked.append("proof")
        return step(said, *rest)

    def looking() -> int:
        looked.append("look")
        return current()

    monkeypatch.setattr(node, "prove_step", proving)
    monkeypatch.setattr(node.registry, "current_round", looking)
    assert len(HospitalTurns(node).take().done) == 2
    first, second = (place for place, what in enumerate(looked) if what == "proof")
    assert "look" in looked[first:second]


def test_wrong_test_records_end_no_node(site: "Site") -> None:
    home = site.home("cay")
    shutil.copy(home.records, HeldOutHome(home.root).records)
    turn = HospitalTurns(site.node("cay")).take()
    assert turn.done == ()
    assert turn.waits_for.startswith("its operator: ")
    assert "are among the records that train" in turn.warning


def test_a_shard_without_blinders_owes_no_metrics(site: "Site") -> None:
    """The chain never saw the last proofs, the endpoint did."""
    tester = opened(site, "ada")
    assert tester.provable(1) == [0, 1]
    path = tester.home.shard(0) / "openings.json"
    said = json.loads(path.read_bytes()) | {"openings": site.ground.spec.max_openings}
    path.write_text(json.dumps(said))
    assert tester.provable(1) == [1]
    assert HospitalTurns(site.node("ada")).take().done == (
        "metrics on test shard 1 proven (round 1)",
    )


def test_a_lost_count_of_a_test_shard_ends_no_node(site: "Site") -> None:
    (opened(site, "ada").home.shard(0) / "openings.json").unlink()
    turn = HospitalTurns(site.node("ada")).take()
    assert turn.done == ("metrics on test shard 1 proven (round 1)",)
    assert turn.waits_for.startswith("its operator: ")
    assert "test shard 0: the count of proofs over shard 0 cannot be read" in turn.warning


def test_records_that_came_after_the_model_are_marked(
    run_zkfl: Run, site: "Site", make_records: MakeRecords
) -> None:
    make_records(HeldOutHome(site.workspace.site("cay")).records, 4, 60)
    assert HospitalTurns(site.node("cay")).take().done
    done = run_zkfl("metrics", site.workspace.root, "--rpc-url", site.anvil.url)
    assert "cay*" in done.out
    assert "* some of these records were committed to when the model could be known" in done.out


def test_a_kept_proof_is_sent_again(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(ModelMetrics, "prove_metrics", gone)
        with pytest.raises(ConnectionError):
            list(opened(site, "bay").prove(1))
    home = HeldOutHome(site.workspace.site("bay"))
    kept = home.evaluation_proof(0, 1).read_bytes()
    assert [shard.sent is not None for shard in opened(site, "bay").prove(1)] == [True]
    assert home.evaluation_proof(0, 1).read_bytes() == kept


def test_after_the_circuit_was_removed_nodes_go_on_without(site: "Site") -> None:
    from zkfl.chain.router import Router  # noqa: PLC0415 - of this test alone

    circuit = site.ground.circuits.evaluation
    assert circuit is not None
    office = site.registry(site.workspace.role("office")).client
    Router(office, site.deployment.router).remove(circuit.manifest.manifest_hash())
    turn = HospitalTurns(site.node("ada")).take()
    assert (turn.done, turn.warning) == ((), "")
    with pytest.raises(ContractRevertError, match="CircuitTombstoned"):
        list(opened(site, "ada").prove(1))


# --- what the chain refuses, of real proofs ---


def send(site: "Site", proof: Proof, counts: ConfusionCounts, shard: int = 0) -> None:
    opened(site, "bay").metrics.prove_metrics(1, shard, counts, proof.data)


def lie_of(site: "Site", counts: ConfusionCounts, **changes: list[int]) -> Proof:
    """Return a proof by a prover that does not stop at a wrong statement."""
    node, circuit = site.node("bay"), site.ground.circuits.evaluation
    assert circuit is not None
    assert node.ground.metrics is not None
    chain = node.registry.client.chain_id
    public = pack_public(
        counts.packed(), evaluation_context(chain, node.ground.metrics, node.address, 1)
    )
    data = opened(site, "bay")._vault.load(0).vector  # noqa: SLF001 - what the hospital itself holds
    vectors = {"data": data, "model": model_of(site), "public": public} | changes
    return prove(circuit, vectors, DEADLINE, require_zeros=False)


def test_one_more_true_positive(site: "Site") -> None:
    honest = counted(site, "bay")
    up, down = (1, -1) if honest.false_negatives else (-1, 1)
    lie = honest._replace(
        true_positives=honest.true_positives + up, false_negatives=honest.false_negatives + down
    )
    with pytest.raises(ContractRevertError, match="ZeroCommitmentMismatch"):
        send(site, lie_of(site, lie), lie)
    with pytest.raises(ContractRevertError, match="PublicScalarsMismatch"):
        send(site, lie_of(site, honest), lie)


def test_counts_of_unused_slots(site: "Site") -> None:
    more = counted(site, "bay")
    more = more._replace(true_negatives=more.true_negatives + 2)
    with pytest.raises(ContractRevertError, match="CountsMismatch"):
        send(site, lie_of(site, more), more)


def test_another_model(site: "Site") -> None:
    """The zero model takes every record for positive."""
    ill = counted(site, "bay")
    positives = ill.true_positives + ill.false_negatives
    counts = ConfusionCounts(positives, ill.records - positives, 0, 0)
    zero = [0] * site.ground.spec.model_length
    with pytest.raises(ContractRevertError, match="ModelCommitmentMismatch"):
        send(site, lie_of(site, counts, model=zero), counts)


def test_a_training_shard(site: "Site") -> None:
    data = site.node("bay").vault.load(0).vector
    with pytest.raises(ContractRevertError, match="DataCommitmentMismatch"):
        send(site, lie_of(site, counted(site, "bay"), data=data), counted(site, "bay"))


def test_a_changed_byte(site: "Site") -> None:
    counts = counted(site, "bay")
    data = bytearray(lie_of(site, counts).data)
    data[-1] ^= 1
    with pytest.raises(ContractRevertError, match="InvalidProof"):
        opened(site, "bay").metrics.prove_metrics(1, 0, counts, bytes(data))


def test_an_admission_proof_of_the_registry_admits_no_test_shard(site: "Site") -> None:
    node = site.node("bay")
    proof = node.vault.admission_proof(0)
    assert proof is not None
    with pytest.raises(ContractRevertError, match="PublicScalarsMismatch"):
        opened(site, "bay").metrics.admit_test_shard(node.vault.load(0).count, proof)


def test_a_test_shards_proof_admits_nothing_at_the_registry(site: "Site") -> None:
    proof = opened(site, "bay")._vault.admission_proof(0)  # noqa: SLF001 - the hospital's own
    assert proof is not None
    with pytest.raises(ContractRevertError, match="PublicScalarsMismatch"):
        site.node("bay").registry.admit_shard(6, proof)


def test_contexts_are_the_contracts(site: "Site") -> None:
    node, metrics = site.node("ada"), opened(site, "ada").metrics
    place = (node.registry.client.chain_id, metrics.address, node.address)
    for function, formula in (
        ("testAdmissionContext", held_out_context),
        ("evaluationContext", evaluation_context),
    ):
        shown = metrics.client.call(metrics.address, metrics.abi, function, node.address, 3)
        assert shown == formula(*place, 3)


# --- what the node refuses ---


def test_test_records_that_train(site: "Site") -> None:
    home = HeldOutHome(site.workspace.site("cay"))
    home.take_records(site.home("cay").records)
    with pytest.raises(
        HeldOutRecordsError, match="5 of 5 test records are among the records that train"
    ):
        opened(site, "cay").admit()


def test_no_test_records(site: "Site") -> None:
    with pytest.raises(HeldOutRecordsError, match=r"test-records\.csv is missing"):
        opened(site, "cay").admit()
    with pytest.raises(ModelTestingError, match="has admitted no test shard"):
        list(opened(site, "cay").prove(1))


def test_other_test_records(site: "Site", make_records: MakeRecords, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    make_records(other, 7, 99)
    with pytest.raises(HeldOutRecordsError, match="holds other test records"):
        HeldOutHome(site.workspace.site("ada")).take_records(other)
    with pytest.raises(HeldOutRecordsError, match=r"neither a \.csv nor"):
        HeldOutHome(site.workspace.site("ada")).take_records(tmp_path / "other.xlsx")


def test_a_round_that_is_not_final(site: "Site") -> None:
    round_id, _ = site.coordinator().open_round()
    with pytest.raises(HospitalError, match=f"round {round_id} is OPEN"):
        list(opened(site, "ada").prove(round_id))


def test_a_kept_proof_about_something_else(site: "Site") -> None:
    ours = HeldOutHome(site.workspace.site("ada"))
    list(opened(site, "bay").prove(1))
    theirs = HeldOutHome(site.workspace.site("bay")).evaluation_proof(0, 1)
    ours.evaluation_proof(0, 1).write_bytes(theirs.read_bytes())
    ours.evaluation_proof(0, 1).chmod(0o600)
    tester = opened(site, "ada")
    for _ in range(2):
        with pytest.raises(StuckShardError, match=r"test shard 0: .* another data"):
            list(tester.prove(1))
    shown = [tester.metrics.is_proven(1, tester.member_id, index) for index in (0, 1)]
    assert shown == [False, True], "one file that is damaged stops no other shard"


def test_a_node_goes_on_with_a_warning_about_a_damaged_file(site: "Site") -> None:
    home = HeldOutHome(site.workspace.site("ada"))
    (home.shard(0) / "data.vector").write_bytes(b"damaged")
    turn = HospitalTurns(site.node("ada")).take()
    assert turn.done == ("metrics on test shard 1 proven (round 1)",)
    assert "test shard 0: the files in" in turn.warning
    assert HospitalTurns(site.node("ada")).take().done == ()


# --- another contract, another account ---


def elsewhere(site: "Site") -> "Site":
    """Return the consortium with another contract of metrics over the same registry."""
    circuit, artefact = site.ground.circuits.evaluation, compile_project()["ModelMetrics"]
    assert circuit is not None
    office = site.registry(site.workspace.role("office")).client
    arguments = (site.deployment.registry, circuit.manifest.manifest_hash())
    created = office.deploy(artefact.abi, artefact.bytecode(), arguments)
    changed = site.deployment.model_copy(update={"metrics": str(created.contract_address)})
    return replace(site, deployment=changed)


def openings(site: "Site", name: str) -> int:
    path = HeldOutHome(site.workspace.site(name)).shard(0) / "openings.json"
    return int(json.loads(path.read_text())["openings"])


def test_another_contract_of_metrics_gets_proofs_of_its_own_and_each_is_counted(
    site: "Site",
) -> None:
    list(opened(site, "bay").prove(1))
    assert openings(site, "bay") == 2
    other = elsewhere(site)
    turn = HospitalTurns(other.node("bay")).take()
    assert turn.done == (
        "test shard 0 admitted",
        "metrics on test shard 0 proven (round 1)",
    )
    assert opened(other, "bay").metrics.metrics_of(1) == opened(site, "bay").metrics.metrics_of(1)
    assert openings(site, "bay") == 4


def test_no_shard_is_opened_once_too_often_for_another_contract(site: "Site") -> None:
    path = HeldOutHome(site.workspace.site("bay")).shard(0) / "openings.json"
    spent = json.loads(path.read_text()) | {"openings": site.ground.spec.max_openings}
    path.write_text(json.dumps(spent))
    tester = opened(elsewhere(site), "bay")
    with pytest.raises(BlindersSpentError, match="one more could reveal"):
        tester.admit()
    assert tester.metrics.test_shard_count(tester.member_id) == 0
    with pytest.raises(StuckShardError, match="one more could reveal"):
        list(opened(site, "bay").prove(1))


def test_a_proof_that_was_kept_under_an_older_account(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(ModelMetrics, "prove_metrics", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            list(opened(site, "bay").prove(1))
    home = site.home("bay")
    site.anvil.fund(prepare_account(home, CHEAP))
    rotate_account(home, lambda home, with_next: site_registry(site, home, with_next), say_nothing)
    assert [shard.sent is not None for shard in opened(site, "bay").prove(1)] == [True]
    assert openings(site, "bay") == 3


def site_registry(site: "Site", home: NodeHome, with_next_key: bool) -> Registry:  # noqa: FBT001
    account = open_next_account(home) if with_next_key else None
    client = open_client(home, site.anvil.url, site.deployment.chain_id, account)
    return Registry(client, site.deployment.registry)


def say_nothing(_: object) -> None:
    """Take a step's name and drop it."""


def test_a_test_shard_that_is_not_the_chains(site: "Site") -> None:
    home = HeldOutHome(site.workspace.site("ada"))
    first, second = (home.shard(place) / "data.vector" for place in (0, 1))
    first.write_bytes(second.read_bytes())
    with pytest.raises(StuckShardError, match="is not the one on chain"):
        list(opened(site, "ada").prove(1))


def test_a_consortium_that_proves_none(run_zkfl: Run, founded: "Site") -> None:
    with pytest.raises(ModelTestingError, match="proves no metrics"):
        ModelTester(founded.node("ada"))
    done = run_zkfl("metrics", founded.workspace.root, "--rpc-url", founded.anvil.url)
    assert done.status == ExitCode.NOT_NOW
    assert "zkfl init --metrics" in done.err


# --- what a hospital looks at by itself ---


def test_a_hospital_tests_at_home(run_zkfl: Run, site: "Site") -> None:
    found = evaluate_at_home(site.node("ada"), 1, None, 5)
    assert found.counts == counted(site, "ada")
    assert sum(entry.records for entry in found.calibration.bins) == 10
    assert found.groups == ()
    done = run_zkfl("evaluate", site.workspace.root, "--rpc-url", site.anvil.url)
    assert done.status == ExitCode.NOT_NOW
    assert "name one (--site)" in done.err


def test_groups_are_by_columns_of_the_file(site: "Site") -> None:
    records = HeldOutHome(site.workspace.site("ada")).records
    ill = evaluate_at_home(site.node("ada"), 1, ["ill"], 5).groups[0]
    assert {value: counts.records for value, counts in ill.counts.items()} == {"0": 5, "1": 5}
    hidden = evaluate_at_home(site.node("ada"), 1, ["ill"], 6).groups[0]
    assert (hidden.counts, hidden.suppressed) == ({}, 2)
    with pytest.raises(HeldOutRecordsError, match="has no column patient"):
        evaluate_at_home(site.node("ada"), 1, ["patient"], 5)
    records.unlink()
    with pytest.raises(HeldOutRecordsError, match="is missing"):
        evaluate_at_home(site.node("ada"), 1, None, 5)


def test_records_that_name_no_group_are_one_without_a_name(site: "Site") -> None:
    records = HeldOutHome(site.workspace.site("ada")).records
    groups = ["a"] * 5 + [None] * 5
    table = pd.read_csv(records).assign(patient=groups)
    table.to_parquet(records.with_suffix(".parquet"))
    records.unlink()
    found = evaluate_at_home(site.node("ada"), 1, ["patient"], 5).groups[0]
    assert {value: counts.records for value, counts in found.counts.items()} == {"": 5, "a": 5}


def test_the_table_of_a_test_at_home(capsys: pytest.CaptureFixture[str], site: "Site") -> None:
    show_evaluation(evaluate_at_home(site.node("ada"), 1, ["ill"], 5), 5, 1, "ada")
    shown = capsys.readouterr().out
    assert "expected calibration error" in shown
    assert "accura" in shown
    show_evaluation(evaluate_at_home(site.node("ada"), 1, ["ill"], 6), 6, 1, "ada")
    assert "2 groups are not shown" in capsys.readouterr().out
