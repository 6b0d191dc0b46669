"""``scripts/mutate``: put faults into the contracts, one at a time; the tests must notice."""

import argparse
import json
import queue
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zkfl.atomic_file import write_atomically
from zkfl.audit.errors import AuditError
from zkfl.audit.forge import ContractsCopy, Verdict
from zkfl.audit.mutants import CLASSES, SOURCES, Mutant, mutants_of
from zkfl.audit.mutation_report import FORMAT, equivalent, score, unexplained, write_report

ROOT = Path(__file__).parents[3]
RESULTS = Path("docs/security/mutations.json")
_WORKERS = 2
_FILE_MODE = 0o644
_EXAMPLES = """examples:
  scripts/mutate                          every fault; an hour on two cores
  scripts/mutate --only guard modifier    the classes named
  scripts/mutate --sample 20 --seed 7     twenty drawn faults; writes no report
  scripts/mutate --survivors              once more those that nothing noticed
  scripts/mutate --missing                go on with a run, and once more the survivors
"""


def sources(root: Path) -> list[str]:
    """Return the contracts that take faults: those that use verifiers and hold rounds."""
    folder = root / SOURCES
    paths = [*folder.glob("*.sol"), *folder.glob("registry/*.sol"), *folder.glob("libraries/*.sol")]
    return sorted(str(path.relative_to(root)) for path in paths)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when every fault was noticed or is known to change nothing."""
    options = _parser().parse_args(arguments)
    try:
        return _mutate(options)
    except AuditError as error:
        sys.stderr.write(f"mutate: {error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/mutate",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=CLASSES, default=CLASSES, metavar="CLASS")
    parser.add_argument("--files", nargs="+", default=None, metavar="NAME", help="such as Masks")
    parser.add_argument("--sample", type=int, default=None, metavar="N", help="draw N faults")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--survivors", action="store_true", help="those of the last report")
    parser.add_argument(
        "--missing", action="store_true", help="those the last report lacks, and its survivors"
    )
    parser.add_argument("--report", action="store_true", help="write the tables, run nothing")
    return parser


def _mutate(options: argparse.Namespace) -> int:
    everything = [mutant for file in sources(ROOT) for mutant in mutants_of(ROOT, file)]
    known = _known(everything)
    if not options.report:
        chosen = _chosen(everything, options, known)
        drawn = options.sample is not None
        trial = _Trial(chosen, known, write=not drawn)
        trial.run()
        known = trial.results
        if drawn:
            return _print_survivors([known[mutant.name] for mutant in chosen])
    faults = Counter(mutant.operator for mutant in everything)
    rows = _ordered(list(known.values()))
    _write_results(rows, faults)
    write_report(ROOT, rows, faults)
    return _print_survivors(rows)


def _known(everything: Sequence[Mutant]) -> dict[str, dict[str, Any]]:
    """Return the results of the last report, of the faults that are still there."""
    path = ROOT / RESULTS
    if not path.exists():
        return {}
    names = {mutant.name: mutant for mutant in everything}
    rows = json.loads(path.read_text(encoding="utf-8"))["mutants"]
    return {
        row["name"]: row | {"line": names[row["name"]].line} for row in rows if row["name"] in names
    }


def _chosen(
    everything: Sequence[Mutant], options: argparse.Namespace, known: dict[str, dict[str, Any]]
) -> list[Mutant]:
    chosen = [mutant for mutant in everything if mutant.operator in options.only]
    if options.files:
        chosen = [mutant for mutant in chosen if Path(mutant.file).stem in options.files]
    if options.survivors:
        alive = {name for name, row in known.items() if row["outcome"] == "survived"}
        chosen = [mutant for mutant in chosen if mutant.name in alive]
    if options.missing:
        done = {name for name, row in known.items() if row["outcome"] != "survived"}
        chosen = [mutant for mutant in chosen if mutant.name not in done]
    if options.sample is not None:
        draw = random.Random(options.seed)  # noqa: S311 - a sample, no secret
        chosen = draw.sample(chosen, min(options.sample, len(chosen)))
    return sorted(chosen, key=lambda mutant: CLASSES.index(mutant.operator))


class _Trial:
    """Every chosen fault, tried by workers with a copy each; results as they come."""

    def __init__(
        self, chosen: Sequence[Mutant], known: dict[str, dict[str, Any]], *, write: bool
    ) -> None:
        self.results = dict(known)
        self._write = write
        self._waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
        for mutant in chosen:
            self._waiting.put(mutant)
        self._failures: list[Exception] = []
        self._lock = threading.Lock()
        self._started = time.monotonic()

    def run(self) -> None:
        """Try them all.

        Raises
        ------
        AuditError
            The tests fail without any fault, or forge does.
        """
        with tempfile.TemporaryDirectory(prefix="zkfl-mutants-") as folder:
            copies = [ContractsCopy(ROOT, Path(folder) / str(index)) for index in range(_WORKERS)]
            threads = [threading.Thread(target=self._work, args=(copy,)) for copy in copies]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if self._failures:
            raise self._failures[0]

    def _work(self, copy: ContractsCopy) -> None:
        try:
            copy.require_sound()
            while not self._failures:
                mutant = self._waiting.get_nowait()
                self._note(mutant, copy.try_source(mutant.file, mutant.source))
        except queue.Empty:
            return
        except Exception as error:  # noqa: BLE001 - the main thread raises it
            self._failures.append(error)

    def _note(self, mutant: Mutant, verdict: Verdict) -> None:
        with self._lock:
            self.results[mutant.name] = _row(mutant, verdict)
            seconds, left = time.monotonic() - self._started, self._waiting.qsize()
            sys.stderr.write(f"{seconds:6.0f} s, {left} left: {verdict.outcome} {mutant.name}\n")
            if self._write:
                _write_results(list(self.results.values()))


def _row(mutant: Mutant, verdict: Verdict) -> dict[str, Any]:
    return {
        "name": mutant.name,
        "class": mutant.operator,
        "file": mutant.file,
        "line": mutant.line,
        "before": mutant.before,
        "after": mutant.after,
        "outcome": verdict.outcome,
        "test": verdict.test,
    }


def _ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["file"], row["line"], row["name"]))


def _write_results(rows: list[dict[str, Any]], faults: Counter[str] | None = None) -> None:
    whole = {"format": FORMAT, "faults": dict(faults or {}), "mutants": _ordered(rows)}
    write_atomically(ROOT / RESULTS, (json.dumps(whole, indent=1) + "\n").encode(), _FILE_MODE)


def _print_survivors(rows: list[dict[str, Any]]) -> int:
    reasons = equivalent(ROOT)
    alive = unexplained(rows, reasons)
    for row in alive:
        sys.stdout.write(f"survived: {row['file']}:{row['line']} {row['name']}\n")
    noticed = score(rows, reasons)
    sys.stdout.write(f"{len(rows)} faults, {len(alive)} unnoticed, score {noticed:.1%}\n")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
