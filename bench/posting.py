"""Gas of a submission and of a round where proofs are verified as they come, and where posted."""

from typing import Any

from bench.consortium_run import run_of

COHORTS, ROUNDS = (4, 16), 1
QUICK_COHORTS = (3,)
_WINDOW = 3_600
_MODES = {"immediate": 0, "optimistic": _WINDOW}
_STAGES = ("open", "submit", "close", "sum", "decrypt", "publish", "acknowledge")


def measure(*, quick: bool) -> list[dict[str, object]]:
    """Return a row a cohort and mode; ``check_s`` is a node's own look at all proofs."""
    cohorts = QUICK_COHORTS if quick else COHORTS
    return [
        _costs(mode, run_of(hospitals, ROUNDS, window))
        for hospitals in cohorts
        for mode, window in _MODES.items()
    ]


def _costs(mode: str, run: dict[str, Any]) -> dict[str, object]:
    stages, rounds = run["stages"], run["rounds"]
    submit = stages["submit"]
    # every hospital looks for itself, as many side by side as prove side by side
    looks = run["hospitals"] * rounds / run["workers"]
    check = stages.get("check", {"seconds": 0.0})["seconds"] / looks
    return {
        "hospitals": run["hospitals"],
        "mode": mode,
        "submit_gas": submit["gas"] // submit["transactions"],
        "round_gas": sum(stages[stage]["gas"] for stage in _STAGES) // rounds,
        "check_s": round(check, 2),
    }
