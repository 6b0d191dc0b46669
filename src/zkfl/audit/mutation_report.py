"""The tables of docs/security/mutations.md."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from zkfl.atomic_file import write_atomically
from zkfl.audit.marked import with_part
from zkfl.audit.mutants import CLASSES

FORMAT = "zkfl.mutations.v1"
PAGE = Path("docs/security/mutations.md")
EQUIVALENT = Path("src/zkfl/audit/equivalent_mutants.json")
_NOTICED = ("killed", "timeout")
_FILE_MODE = 0o644
_LONGEST = 90

_Row = dict[str, Any]


def equivalent(root: Path) -> dict[str, str]:
    """Return why each of some faults changes nothing that anyone can see, by its name."""
    reasons: dict[str, str] = json.loads((root / EQUIVALENT).read_text(encoding="utf-8"))
    return reasons


def unexplained(rows: Iterable[_Row], reasons: dict[str, str]) -> list[_Row]:
    """Return the survivors that do change something."""
    return [row for row in rows if row["outcome"] == "survived" and row["name"] not in reasons]


def score(rows: Sequence[_Row], reasons: dict[str, str]) -> float:
    """Return the share of faults noticed, of those that compile and change something."""
    noticed = sum(row["outcome"] in _NOTICED for row in rows)
    counted = noticed + len(unexplained(rows, reasons))
    return noticed / counted if counted else 1.0


def write_report(root: Path, rows: list[_Row], faults: Counter[str]) -> None:
    """Write the tables of a run; ``faults`` counts all that there are, by class."""
    reasons = equivalent(root)
    page = (root / PAGE).read_text(encoding="utf-8")
    page = with_part(page, "score", score_table(rows, reasons, faults), PAGE)
    page = with_part(page, "survivors", survivors_table(rows, reasons), PAGE)
    write_atomically(root / PAGE, page.encode(), _FILE_MODE)


def score_table(rows: list[_Row], reasons: dict[str, str], faults: Counter[str]) -> str:
    """Return one line a class of faults."""
    lines = [
        "| class | faults | tried | noticed | change nothing | do not compile | survived | score |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in (*CLASSES, "all"):
        own = [row for row in rows if name in (row["class"], "all")]
        alive = [row for row in own if row["outcome"] == "survived"]
        bad = unexplained(own, reasons)
        counts = (
            faults[name] if name != "all" else faults.total(),
            len(own),
            sum(row["outcome"] in _NOTICED for row in own),
            len(alive) - len(bad),
            sum(row["outcome"] == "invalid" for row in own),
            len(bad),
        )
        cells = " | ".join(map(str, counts))
        shown = f"{score(own, reasons):.1%}" if own else "not tried"
        lines.append(f"| {name} | {cells} | {shown} |")
    return "\n".join([*lines, ""])


def survivors_table(rows: list[_Row], reasons: dict[str, str]) -> str:
    """Return every fault that no test noticed, and why that is right where it is."""
    lines = ["| where | fault | why it changes nothing |", "|---|---|---|"]
    for row in rows:
        if row["outcome"] == "survived":
            fault = row["before"][:_LONGEST].replace("|", "\\|")
            after = row["after"].replace("|", "\\|") or "nothing"
            why = reasons.get(row["name"], "**it does: a test is missing**")
            place = row["name"].split(" ", 1)[0]
            lines.append(f"| `{place}` | `{fault}` becomes `{after}` | {why} |")
    return "\n".join([*lines, ""])
