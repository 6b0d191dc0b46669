"""``scripts/contract_facts``: pages and files that must say what the compiler says."""

import argparse
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.audit import cli_page, layout, round_page, sizes, slither
from zkfl.audit.errors import AuditError

ROOT = Path(__file__).parents[3]
PARTS = (layout.pages, sizes.pages, round_page.pages, slither.pages, cli_page.pages)
_FILE_MODE = 0o644
_EXAMPLES = """examples:
  scripts/contract_facts            compare, and show what differs
  scripts/contract_facts --update   write everything anew
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when every file holds what it is to hold."""
    parser = argparse.ArgumentParser(
        prog="scripts/contract_facts",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--update", action="store_true", help="write what differs")
    options = parser.parse_args(arguments)
    try:
        expected = {path: text for part in PARTS for path, text in part(ROOT).items()}
    except AuditError as error:
        sys.stderr.write(f"contract_facts: {error}\n")
        return 2
    stale = {path: text for path, text in expected.items() if _held(path) != text}
    for path, text in stale.items():
        if options.update:
            write_atomically(ROOT / path, text.encode(), _FILE_MODE)
            sys.stdout.write(f"wrote {path}\n")
        else:
            _show(path, text)
    if options.update or not stale:
        return 0
    sys.stderr.write("contract_facts: run scripts/contract_facts --update and read the change\n")
    return 1


def _held(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else ""


def _show(path: Path, text: str) -> None:
    held, wanted = _held(path).splitlines(), text.splitlines()
    for line in difflib.unified_diff(held, wanted, str(path), f"{path}, as compiled", lineterm=""):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
