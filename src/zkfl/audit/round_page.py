"""docs/reference/round.md from the transitions that a forge test holds the contract to."""

import json
from pathlib import Path
from typing import Any

from zkfl.audit.marked import with_part

VECTORS = Path("tests/vectors/round-transitions.json")
PAGE = Path("docs/reference/round.md")
STATUSES = ("None", "Open", "Disputed", "Closed", "Published", "Revealing", "Final", "Failed")

_Table = dict[str, Any]


def pages(root: Path) -> dict[Path, str]:
    """Return what the page is to hold."""
    table = json.loads((root / VECTORS).read_text(encoding="utf-8"))
    page = (root / PAGE).read_text(encoding="utf-8")
    page = with_part(page, "diagram", diagram(table), PAGE)
    return {PAGE: with_part(page, "transitions", transitions(table), PAGE)}


def diagram(table: _Table) -> str:
    """Return the changes of status as a Mermaid diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for (before, after), calls in _changes(table).items():
        lines.append(f"    {_node(before)} --> {_node(after)}: {', '.join(calls)}")
    lines += ["    Final --> [*]", "    Failed --> [*]", "```", ""]
    return "\n".join(lines)


def transitions(table: _Table) -> str:
    """Return one table a status: every function in every situation."""
    parts = []
    for status in STATUSES:
        situations = [entry for entry in table["situations"] if entry["status"] == status]
        head = "".join(f" {situation['name']} |" for situation in situations)
        rows = [f"### {status}", "", f"| call | by |{head}", f"|---|---|{'---|' * len(situations)}"]
        for function in table["functions"]:
            calls = [situation["calls"][function["name"]] for situation in situations]
            cells = "".join(f" {_cell(call)} |" for call in calls)
            rows.append(f"| `{function['name']}` | {function['caller']} |{cells}")
        parts += [*rows, ""]
    return "\n".join(parts)


def _changes(table: _Table) -> dict[tuple[str, str], list[str]]:
    """Return who moves a round from one status to another, or into a further attempt."""
    changes: dict[tuple[str, str], list[str]] = {}
    for situation in table["situations"]:
        for name, call in situation["calls"].items():
            for moment, after in call.items():
                if after not in STATUSES or after == situation["status"]:
                    continue
                late = moment == "late" and call["inTime"] not in STATUSES
                label = f"{name} when late" if late else name
                known = changes.setdefault((situation["status"], after), [])
                if label not in known:
                    known.append(label)
    return dict(sorted(changes.items(), key=lambda change: tuple(map(STATUSES.index, change[0]))))


def _node(status: str) -> str:
    return "[*]" if status == "None" else status


def _cell(call: dict[str, str]) -> str:
    in_time, late = (_outcome(call[moment]) for moment in ("inTime", "late"))
    return in_time if in_time == late else f"{in_time}, late {late}"


def _outcome(outcome: str) -> str:
    return f"**{outcome}**" if outcome in STATUSES else f"`{outcome}`"
