"""Seconds and memory of whole rounds, and the same round without cryptography."""

from typing import Any

from bench.consortium_run import run_of

COHORTS, ROUNDS = (4, 16), 2
QUICK_COHORTS, QUICK_ROUNDS = (3,), 1
_STAGES = ("open", "prove", "submit", "close", "sum", "decrypt", "publish", "acknowledge")


def measure(*, quick: bool) -> list[dict[str, object]]:
    """Measure rounds of 4 and 16 hospitals on wdbc; ``quick`` takes 3 hospitals, 1 round."""
    cohorts, rounds = (QUICK_COHORTS, QUICK_ROUNDS) if quick else (COHORTS, ROUNDS)
    return [_costs(run_of(hospitals, rounds)) for hospitals in cohorts]


def _costs(run: dict[str, Any]) -> dict[str, object]:
    """Return means over the rounds; admission is once a consortium."""
    stages, rounds = run["stages"], run["rounds"]
    seconds = {name: stages[name]["seconds"] / rounds for name in _STAGES}
    round_s = sum(seconds.values())
    return {
        "hospitals": run["hospitals"],
        "provers_at_once": run["workers"],
        "admission_s": stages["admission"]["seconds"],
        "round_s": round(round_s, 2),
        **{f"{name}_s": round(value, 3) for name, value in seconds.items()},
        "plain_fedavg_s": run["plain_fedavg_s"],
        "round_over_plain": round(round_s / run["plain_fedavg_s"]),
        "peak_MB": run["peak_MB"],
    }
