"""``zkfl lineage --json``: integers, lists and whole hashes, and no lines of a table."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]


def test_a_round_is_shown_by_its_fields(run_zkfl: Run, after: "Site") -> None:
    registry = after.node("ada").registry
    done = run_zkfl(
        "lineage",
        registry.address,
        *("--rpc-url", after.anvil.url),
        *("--first-block", after.deployment.block_number),
        "--json",
    )
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    assert said.keys() == {"rounds", "final_rounds", "srs_insecure"}
    assert (said["final_rounds"], said["srs_insecure"]) == (1, True)
    [shown] = said["rounds"]
    state, cohort = registry.round(1), registry.cohort(1)
    parts = [registry.participation(1, member) for member in cohort]
    assert shown == {
        "round": 1,
        "members": cohort,
        "shares": [part.share for part in parts],
        "weights": [part.weight for part in parts],
        "model_commitment": [f"{coordinate:064x}" for coordinate in state.model_after],
        "model_sha256": state.model_hash.hex(),
        "card_sha256": None,
        "rate": None,
    }
