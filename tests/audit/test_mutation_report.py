"""The score counts what compiles and changes something, and every survivor is shown."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from zkfl.audit.mutation import RESULTS
from zkfl.audit.mutation_report import (
    PAGE,
    equivalent,
    score,
    score_table,
    survivors_table,
    unexplained,
)

ROOT = Path(__file__).parents[2]


def row(name: str, outcome: str) -> dict[str, Any]:
    return {
        "name": f"Masks.{name} guard 1: x",
        "class": "guard",
        "before": "if (a || b) revert X();",
        "after": "{}",
        "outcome": outcome,
    }


ROWS = [row("a", "killed"), row("b", "timeout"), row("c", "survived"), row("d", "invalid")]
SAME = {"Masks.c guard 1: x": "it is the same"}


def test_a_survivor_that_changes_something_lowers_the_score() -> None:
    assert score(ROWS, {}) == 2 / 3
    assert [alive["name"] for alive in unexplained(ROWS, {})] == ["Masks.c guard 1: x"]


def test_what_changes_nothing_or_does_not_compile_does_not_count() -> None:
    assert score(ROWS, SAME) == 1.0
    assert unexplained(ROWS, SAME) == []


def test_the_table_counts_every_outcome() -> None:
    table = score_table(ROWS, SAME, Counter(guard=9, call=2))
    assert "| guard | 9 | 4 | 2 | 1 | 1 | 0 | 100.0% |" in table
    assert "| call | 2 | 0 | 0 | 0 | 0 | 0 | not tried |" in table
    assert "| all | 11 | 4 | 2 | 1 | 1 | 0 | 100.0% |" in table


def test_every_survivor_is_shown_with_its_reason() -> None:
    assert "**it does: a test is missing**" in survivors_table(ROWS, {})
    shown = survivors_table(ROWS, SAME)
    assert "`if (a \\|\\| b) revert X();` becomes `{}` | it is the same |" in shown


def test_the_page_shows_the_results() -> None:
    results = json.loads((ROOT / RESULTS).read_text())
    page, reasons = (ROOT / PAGE).read_text(), equivalent(ROOT)
    assert score_table(results["mutants"], reasons, Counter(results["faults"])) in page
    assert survivors_table(results["mutants"], reasons) in page
