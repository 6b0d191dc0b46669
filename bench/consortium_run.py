"""One run of the demo's own code, whose costs rounds and gas are both read from."""

import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from rich.console import Console as RichConsole

from bench.child import measure_in_child
from bench.clock import median_seconds
from bench.tree_memory import tree_peak
from zkfl.demo.console import Console
from zkfl.demo.run import DemoResult, run_demo
from zkfl.demo.settings import DemoSettings
from zkfl.demo.workers import default_workers
from zkfl.evaluation.baselines import WEIGHT_UNIT, Selection, ShardRecords, plain_fedavg
from zkfl.evaluation.training import TrainingStep
from zkfl.zk_circuits.instances import get_instance

_DATASET = "wdbc"
_SEED = 0
_PLAIN_ROUNDS = 100
_REPEATS = 3


@cache
def run_of(hospitals: int, rounds: int, challenge_window: int = 0) -> dict[str, object]:
    """Run once for every part that asks."""
    posted = ", proofs posted" if challenge_window else ""
    print(f"  {hospitals} hospitals, {rounds} rounds{posted} …", file=sys.stderr, flush=True)
    return measure_in_child(run, hospitals, rounds, challenge_window)


def run(hospitals: int, rounds: int, challenge_window: int = 0) -> dict[str, object]:
    """Found a consortium, run rounds, and return its costs."""
    os.umask(0o077)
    workers = default_workers()
    with tempfile.TemporaryDirectory(prefix="zkfl-bench-") as folder, tree_peak() as peak:
        settings = DemoSettings(
            _DATASET,
            hospitals,
            rounds,
            _SEED,
            "bfv",
            "records",
            workers,
            Path(folder) / "run",
            challenge_window=challenge_window,
        )
        result = run_demo(settings, Console(RichConsole(quiet=True)))
    return {
        "hospitals": hospitals,
        "rounds": rounds,
        "workers": workers,
        "proofs": result.proofs,
        "stages": result.ledger.to_dict(),
        "deployment": [[step.step, step.gas_used] for step in result.deployment.transactions],
        "plain_fedavg_s": _plain_fedavg_seconds(result),
        "peak_MB": peak.bytes // 1_000_000,
    }


def _plain_fedavg_seconds(result: DemoResult) -> float:
    """Time a round of the same training on the same records, without any cryptography."""
    spec = get_instance(_DATASET).spec
    sites = result.federation.hospitals
    shards = [
        [ShardRecords(site.features[: spec.slots], site.labels[: spec.slots])] for site in sites
    ]
    share, rest = divmod(WEIGHT_UNIT, len(sites))
    choices = [Selection(0, share + rest)] + [Selection(0, share)] * (len(sites) - 1)
    step = TrainingStep.of(spec)
    schedule = [choices] * _PLAIN_ROUNDS
    seconds, _ = median_seconds(lambda: plain_fedavg(shards, schedule, step), _REPEATS)
    return seconds.wall / _PLAIN_ROUNDS
