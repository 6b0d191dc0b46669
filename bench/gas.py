"""Gas of every transaction of a consortium's life, by the size of its cohort."""

from typing import Any

from bench.consortium_run import run_of
from bench.rounds import COHORTS, QUICK_COHORTS, QUICK_ROUNDS, ROUNDS

_DEPLOYED = ("admission verifier", "training verifier", "router", "opening", "weights", "registry")
_REPEATED = {"register circuit": "register a circuit", "add member": "add a member"}
_STAGES = {
    "keys": "announce a mask key",
    "admission": "admit a shard",
    "open": "open a round",
    "submit": "submit an update",
    "close": "close a round",
    "sum": "announce a sum",
    "decrypt": "open a sum",
    "publish": "publish a model",
    "acknowledge": "acknowledge a model",
}
_ONCE_A_ROUND = ("open", "close", "sum", "decrypt", "publish")


def measure(*, quick: bool) -> list[dict[str, object]]:
    """Return a row a transaction with a column a cohort: means over those of its kind."""
    cohorts, rounds = (QUICK_COHORTS, QUICK_ROUNDS) if quick else (COHORTS, ROUNDS)
    by_cohort = {hospitals: _gas(run_of(hospitals, rounds)) for hospitals in cohorts}
    names = by_cohort[cohorts[0]]
    return [
        {"transaction": name} | {f"{size}_hospitals": gas[name] for size, gas in by_cohort.items()}
        for name in names
    ]


def _gas(run: dict[str, Any]) -> dict[str, int]:
    stages = run["stages"]
    gas = _deployment([(str(step), int(spent)) for step, spent in run["deployment"]])
    for stage, name in _STAGES.items():
        gas[name] = stages[stage]["gas"] // stages[stage]["transactions"]
    whole = sum(stages[stage]["gas"] for stage in (*_ONCE_A_ROUND, "submit", "acknowledge"))
    return gas | {"a whole round": whole // run["rounds"]}


def _deployment(steps: list[tuple[str, int]]) -> dict[str, int]:
    gas = {f"deploy the {name}": dict(steps)[name] for name in _DEPLOYED}
    for prefix, name in _REPEATED.items():
        spent = [cost for step, cost in steps if step.startswith(prefix)]
        gas[name] = sum(spent) // len(spent)
    return gas
