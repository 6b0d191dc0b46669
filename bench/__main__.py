"""``scripts/bench``: measure the parts asked for, print tables, write JSON."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench import baseline, circuits, encryption, rounds
from bench.machine import describe_machine
from bench.tables import print_table
from zkfl.atomic_file import write_atomically


class Measure(Protocol):
    """Measures one part."""

    def __call__(self, *, quick: bool) -> list[dict[str, object]]:
        """Return rows of a table."""
        ...


PARTS: dict[str, Measure] = {
    "circuits": circuits.measure,
    "baseline": baseline.measure,
    "encryption": encryption.measure,
    "rounds": rounds.measure,
}
_EXAMPLES = """examples:
  scripts/bench                       everything, about twenty minutes
  scripts/bench --quick circuits      the smallest circuits only
  scripts/bench rounds --json r.json  rounds of 4 and 16 hospitals, with their gas
"""


def main() -> None:
    """Measure."""
    arguments = _arguments()
    results: dict[str, object] = {
        "format": "zkfl.bench.v1",
        "date": datetime.now(UTC).date().isoformat(),
        "command": " ".join(["scripts/bench", *sys.argv[1:]]),
        "machine": describe_machine(),
    }
    for part in arguments.parts or PARTS:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        rows = PARTS[part](quick=arguments.quick)
        results[part] = rows
        print_table(part, rows)
    content = json.dumps(results, indent=1).encode() + b"\n"
    if arguments.json:
        write_atomically(arguments.json, content, 0o644)
    print(f"wrote {arguments.json}" if arguments.json else content.decode())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS][1:], help="default: all")
    parser.add_argument("--quick", action="store_true", help="only what takes seconds")
    parser.add_argument("--json", type=Path, help="write results here, not to the terminal")
    return parser.parse_args()


if __name__ == "__main__":
    main()
