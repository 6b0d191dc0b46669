"""``scripts/bench`` measures what it says, on the smallest circuits."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zkfl.zk_circuits.instances import get_instance

ROOT = Path(__file__).parents[2]
STEPS = ("settings", "compile", "setup", "witness", "prove", "verify")
SECONDS = {f"{step}{kind}" for step in STEPS for kind in ("_s", "_cpu_s")}
SIZES = {"rows", "cells", "pk_MB", "vk_kB", "proof_B", "verifier_B", "prove_MB", "setup_MB"}
GAS = {"deploy_gas", "verify_gas", "routed_gas"}


def run_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("bench") / "results.json"
    parts = ("circuits", "training-proofs", "encryption")
    done = run_bench("--quick", *parts, "--json", str(path))
    assert done.returncode == 0, done.stderr
    assert "### circuits" in done.stdout
    results: dict[str, Any] = json.loads(path.read_text())
    return results


def test_results_say_where_they_come_from(results: dict[str, Any]) -> None:
    assert results["format"] == "zkfl.bench.v1"
    assert results["command"].startswith("scripts/bench --quick circuits training-proofs")
    assert results["machine"]["cores"] >= 1
    assert {"ezkl", "torch", "tenseal"} <= results["machine"]["packages"].keys()


def test_every_figure_of_a_circuit_is_there_and_positive(results: dict[str, Any]) -> None:
    assert [row["circuit"] for row in results["circuits"]] == [
        "admission-tiny",
        "logistic-training-tiny",
        "benefit-tiny",
        "evaluation-tiny",
    ]
    for row in results["circuits"]:
        assert row.keys() >= SECONDS | SIZES | GAS
        assert all(row[name] > 0 for name in SIZES | GAS)


def test_a_proof_of_training_has_the_figures_of_its_circuit(results: dict[str, Any]) -> None:
    (row,) = results["training-proofs"]
    assert (row["model"], row["family"], row["batch"], row["proofs"]) == ("tiny", "logistic", 8, 1)
    assert row["can_be_chosen"]
    circuit = results["circuits"][1]
    assert all(row[name] == circuit[name] for name in ("rows", "proof_B", "vk_kB"))
    assert "cells_by_group" not in row


def test_encryption_takes_cpu_seconds(results: dict[str, Any]) -> None:
    for row in results["encryption"]:
        assert all(row[f"{step}_cpu_s"] > 0 for step in ("encrypt", "add_4", "decrypt"))


def test_groups_and_operations_account_for_every_cell(results: dict[str, Any]) -> None:
    for row in results["circuits"]:
        assert sum(row["cells_by_group"].values()) == row["cells"]
        assert sum(cells for _, cells in row["cells_by_operation"]) == row["cells"]
        assert row["cells"] <= row["columns"] * 2 ** row["logrows"]


def test_every_step_of_training_takes_cells(results: dict[str, Any]) -> None:
    groups = results["circuits"][1]["cells_by_group"]
    assert {name.split(":")[0] for name in groups} >= {
        "logits",
        "saturation",
        "noise below the last bit",
        "clip and noise bounds",
    }
    assert len(groups) == 9


def test_peak_memory_is_the_measured_process_alone(results: dict[str, Any]) -> None:
    # the process that builds imports torch, the one that proves must not seem to
    for row in results["circuits"]:
        assert row["prove_MB"] < row["setup_MB"]


def test_both_schemes_are_measured(results: dict[str, Any]) -> None:
    rows = results["encryption"]
    assert [(row["scheme"], row["entries"]) for row in rows] == [("bfv", 36), ("ckks", 36)]
    assert all(row["one_an_entry_bytes_x"] > 1 for row in rows)


def test_an_unknown_part_is_refused() -> None:
    done = run_bench("circuit")
    assert done.returncode == 2
    assert "there is no part circuit: choose from circuits, training-proofs" in done.stderr


def test_the_page_has_an_opening_of_the_model_that_is_called_wdbc() -> None:
    entries = get_instance("wdbc").spec.model_length
    assert f"\n| {entries} (`wdbc`) |" in (ROOT / "bench" / "README.md").read_text()


def test_extras_are_installed_from_the_checkout_and_not_by_name() -> None:
    for text in (run_bench("--help").stdout, (ROOT / "bench" / "README.md").read_text()):
        assert ".venv/bin/python -m pip install -e '.[scale]'" in text
        assert "zkfl[" not in text
