"""The smallest demo as a user starts it: one round of three hospitals, everything real."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ZKFL = [sys.executable, "-c", "from zkfl.cli.app import main; main()"]
HOSPITALS = ["hospital-01", "hospital-02", "hospital-03"]


@dataclass(frozen=True)
class Finished:
    """A demo that ended."""

    chain: str
    folder: Path
    results: dict[str, Any]
    said: str
    output: str


@pytest.fixture(scope="module", params=["anvil", pytest.param("hardhat", marks=pytest.mark.slow)])
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    root = tmp_path_factory.mktemp("demo")
    words = ["demo", "--hospitals", "3", "--rounds", "1", "--workers", "2"]
    words += [
        "--chain",
        request.param,
        "--out",
        str(root / "run"),
        "--results",
        str(root / "result.json"),
    ]
    done = subprocess.run([*ZKFL, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads((root / "result.json").read_text())
    return Finished(request.param, root / "run", results, done.stderr, done.stdout)


def test_the_results_have_every_key_of_earlier_versions(finished: Finished) -> None:
    recorded = sorted((Path(__file__).parents[1] / "upgrade").glob("v*/results.json"))
    assert recorded
    for path in recorded:
        assert keys(json.loads(path.read_text())) <= keys(finished.results), path


def keys(value: object, before: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {before}
    return {key for name, part in value.items() for key in keys(part, f"{before}.{name}")}


def test_the_results_say_what_was_asked_and_what_came_of_it(finished: Finished) -> None:
    results = finished.results
    assert results["format"] == "zkfl.demo.v1"
    assert results["settings"] == {
        "dataset": "wdbc",
        "circuits": "wdbc",
        "hospitals": 3,
        "rounds": 1,
        "seed": 0,
        "scheme": "bfv",
        "weight_rule": "records",
        "chain": finished.chain,
        "challenge_window": 0,
    }
    comparison = results["comparison"]
    assert sorted(comparison["alone"]) == HOSPITALS
    runs = [comparison[name] for name in ("verified", "fedavg", "pooled")]
    for run in [*runs, *comparison["alone"].values()]:
        assert len(run) == 2, "before the first round and after it"
        assert {metrics["records"] for metrics in run} == {142}
        assert all(0 <= metrics["accuracy"] <= 1 for metrics in run)
    verified, plain = (comparison[name][-1]["auc"] for name in ("verified", "fedavg"))
    assert verified > comparison["verified"][0]["auc"]
    assert abs(verified - plain) <= 0.005


def test_every_proof_is_accounted_for_with_its_gas(finished: Finished) -> None:
    stages = finished.results["stages"]
    admitted, submitted = stages["admission"]["transactions"], stages["submit"]["transactions"]
    shards = sum(
        len(list((finished.folder / "sites" / name / "state" / "shards").iterdir()))
        for name in HOSPITALS
    )
    assert (admitted, submitted) == (shards, 3)
    assert finished.results["proofs_verified_on_chain"] == shards + 3
    assert f"{shards + 3} proofs verified on chain" in finished.said
    for stage in stages.values():
        assert stage["seconds"] >= 0
        assert (stage["gas"] > 0) == (stage["transactions"] > 0)
    deployed = finished.results["deployment"]["transactions"]
    assert sum(transaction["gas_used"] for transaction in deployed) == stages["deploy"]["gas"]


def test_the_insecure_srs_is_named_as_such(finished: Finished) -> None:
    assert finished.results["deployment"]["srs_insecure"] is True
    assert "INSECURE demo SRS" in finished.said
    assert finished.output == ""


def test_what_it_leaves_is_complete_and_private(finished: Finished) -> None:
    log = f"{finished.chain}.log"
    for name in ("model.onnx", "curves.png", "test-records.csv", "results.json", log):
        assert (finished.folder / name).stat().st_size > 0
    assert json.loads((finished.folder / "results.json").read_text()) == finished.results
    for path in (finished.folder / "sites").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or path.name == "he-public.ctx", path
    scratches = list(finished.folder.glob("sites/*/state/scratch"))
    assert len(scratches) == 3
    assert not any(any(scratch.rglob("*.json")) for scratch in scratches)


def test_its_model_predicts_its_held_out_records(finished: Finished) -> None:
    model, records = finished.folder / "model.onnx", finished.folder / "test-records.csv"
    done = subprocess.run(
        [*ZKFL, "predict", str(model), str(records)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "row,probability,label"
    assert len(lines) == 1 + 142
