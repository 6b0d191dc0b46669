"""``scripts/slither``: every finding of slither has an answer, every answer a finding."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zkfl.audit.errors import AuditError
from zkfl.audit.forge import ContractsCopy
from zkfl.audit.marked import with_part

ROOT = Path(__file__).parents[3]
ANSWERS = Path("src/zkfl/audit/slither_answers.json")
PAGE = Path("docs/security/findings.md")

_Places = dict[str, set[str]]


def main() -> int:
    """Return 0 when nothing is found but what is answered."""
    if shutil.which("slither") is None:
        sys.stderr.write("slither is not installed: pip install slither-analyzer==0.11.6\n")
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="zkfl-slither-") as folder:
            found = places(_run(Path(folder) / "copy"))
    except AuditError as error:
        sys.stderr.write(f"slither: {error}\n")
        return 2
    differences = compare(found, _answered(ROOT))
    for line in differences:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{sum(map(len, found.values()))} findings, {len(differences)} to look at\n")
    return 1 if differences else 0


def places(findings: Iterable[dict[str, Any]]) -> _Places:
    """Return where each detector found something."""
    found: _Places = defaultdict(set)
    for finding in findings:
        element = finding["elements"][0]
        parents = []
        parent = element
        while parent:
            parents.append(parent["name"])
            parent = parent.get("type_specific_fields", {}).get("parent")
        names = [name for name in reversed(parents) if not name.endswith(".sol")]
        found[finding["check"]].add(".".join(names))
    return dict(found)


def compare(found: _Places, answered: _Places) -> list[str]:
    """Return what is found without an answer, and what is answered but not found."""
    lines = []
    for check in sorted({*found, *answered}):
        here, there = found.get(check, set()), answered.get(check, set())
        lines += [f"no answer: {check} in {place}" for place in sorted(here - there)]
        lines += [f"no longer found: {check} in {place}" for place in sorted(there - here)]
    return lines


def pages(root: Path) -> dict[Path, str]:
    """Return the page with the answers."""
    rows = ["| detector | impact | places | answer |", "|---|---|---|---|"]
    for check, entry in json.loads((root / ANSWERS).read_text(encoding="utf-8")).items():
        where = ", ".join(f"`{place}`" for place in entry["places"])
        rows.append(f"| {check} | {entry['impact']} | {where} | {entry['answer']} |")
    page = (root / PAGE).read_text(encoding="utf-8")
    return {PAGE: with_part(page, "slither", "\n".join([*rows, ""]), PAGE)}


def _answered(root: Path) -> _Places:
    entries = json.loads((root / ANSWERS).read_text(encoding="utf-8"))
    return {check: set(entry["places"]) for check, entry in entries.items()}


def _run(folder: Path) -> list[dict[str, Any]]:
    ContractsCopy(ROOT, folder)
    shutil.rmtree(folder / "contracts" / "test")
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["slither", ".", "--filter-paths", "node_modules", "--json", "found.json"],  # noqa: S607
        cwd=folder,
        env=os.environ | {"PATH": path, "FOUNDRY_OPTIMIZER": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    report = folder / "found.json"
    if not report.exists():
        raise AuditError(f"slither wrote no report: {done.stderr[-2000:]}")
    whole = json.loads(report.read_text(encoding="utf-8"))
    if not whole["success"]:
        raise AuditError(f"slither fails: {whole['error']}")
    findings: list[dict[str, Any]] = whole["results"].get("detectors", [])
    return findings


if __name__ == "__main__":
    sys.exit(main())
