"""Seconds, gas and memory of whole rounds, through the demo's own code."""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console as RichConsole

from bench.child import measure_in_child, peak_bytes, peak_bytes_of_children
from zkfl.demo.console import Console
from zkfl.demo.run import DemoResult, run_demo
from zkfl.demo.settings import DemoSettings
from zkfl.evaluation.baselines import WEIGHT_UNIT, Selection, ShardRecords, plain_fedavg
from zkfl.evaluation.logistic import TrainingStep
from zkfl.zk_circuits.instances import get_instance

_COHORTS = (4, 16)
_ROUNDS = 2
_WORKERS = 2
_PLAIN_ROUNDS = 100
_STAGES = ("open", "prove", "submit", "close", "sum", "decrypt", "publish", "acknowledge")


def measure(*, quick: bool) -> list[dict[str, object]]:
    """Measure rounds of 4 and 16 hospitals on wdbc; ``quick`` takes 3 hospitals, 1 round."""
    rows = []
    for hospitals in (3,) if quick else _COHORTS:
        print(f"  rounds of {hospitals} hospitals …", file=sys.stderr, flush=True)
        rows.append(measure_in_child(measure_rounds, hospitals, 1 if quick else _ROUNDS))
    return rows


def measure_rounds(hospitals: int, rounds: int) -> dict[str, object]:
    """Found a consortium, run rounds, and return its costs."""
    with tempfile.TemporaryDirectory() as folder:
        settings = DemoSettings(
            "wdbc", hospitals, rounds, 0, "bfv", "records", _WORKERS, Path(folder) / "run"
        )
        result = run_demo(settings, Console(RichConsole(quiet=True)))
    return _costs(result, hospitals, rounds)


def _costs(result: DemoResult, hospitals: int, rounds: int) -> dict[str, object]:
    stages = result.ledger.stages
    seconds = {f"{stage}_s": round(stages[stage].seconds / rounds, 2) for stage in _STAGES}
    round_s = sum(stages[stage].seconds for stage in _STAGES) / rounds
    plain_s = _plain_fedavg_seconds(hospitals)
    gas = {f"{name}_gas": _gas_each(result, name) for name in ("admission", "open", "submit")}
    gas |= {f"{name}_gas": _gas_each(result, name) for name in ("close", "publish", "acknowledge")}
    return {
        "hospitals": hospitals,
        "proofs": result.proofs,
        "round_s": round(round_s, 2),
        **seconds,
        "deploy_gas": stages["deploy"].gas,
        **gas,
        "round_over_plain_fedavg": round(round_s / plain_s),
        "peak_MB": peak_bytes() // 1_000_000,
        "peak_of_a_proof_MB": peak_bytes_of_children() // 1_000_000,
        "deploy_transactions": {t.step: t.gas_used for t in result.deployment.transactions},
        "stages": result.ledger.to_dict(),
    }


def _gas_each(result: DemoResult, stage: str) -> int:
    cost = result.ledger.stages[stage]
    return cost.gas // cost.transactions


def _plain_fedavg_seconds(hospitals: int) -> float:
    """Time a round of the same training without any cryptography, on shards of that size."""
    spec, rng = get_instance("wdbc").spec, np.random.default_rng(0)
    features = rng.normal(size=(hospitals, spec.slots, spec.features))
    labels = rng.integers(0, 2, (hospitals, spec.slots))
    shards = [[ShardRecords(x, y)] for x, y in zip(features, labels, strict=True)]
    schedule = [[Selection(0, WEIGHT_UNIT // hospitals)] * hospitals] * _PLAIN_ROUNDS
    start = time.perf_counter()
    plain_fedavg(shards, schedule, TrainingStep(spec.learning_rate, spec.l2, spec.slots))
    return (time.perf_counter() - start) / _PLAIN_ROUNDS
