"""``scripts/drills``: carry out every drill, or those asked for, and write what came of it."""

import argparse
import shlex
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from zkfl.drills.cells import Cell
from zkfl.drills.checkpoints import make_checkpoints
from zkfl.drills.disks import may_mount
from zkfl.drills.disturbances import disk_cells, other_cells
from zkfl.drills.kills import kill_cells
from zkfl.drills.report import Report
from zkfl.drills.run import carry_out

_DEFAULT_JSON = Path("zkfl-runs") / "fault-drills.json"
_EXAMPLES = """examples:
  scripts/drills                         every drill, a quarter of an hour or more
  scripts/drills --list                  their names
  scripts/drills "submit / anvil"        those whose name holds these words
  scripts/drills --again                 those that did not end right in the JSON, once more
  scripts/drills --page docs/reference/fault-drills.md --json docs/reference/fault-drills.json
"""


def main() -> int:
    """Carry out drills; 1 if a round did not end right."""
    arguments = _arguments()
    mounts = may_mount()
    cells = [
        cell
        for cell in [*kill_cells(), *disk_cells(), *other_cells()]
        if all(words in cell.name for words in arguments.words)
    ]
    if arguments.list:
        print(*(cell.name for cell in cells), sep="\n")  # noqa: T201 - the answer
        return 0
    if not cells:
        raise SystemExit(f"no drill is named {' and '.join(arguments.words)}: see --list")
    out_of_reach = [] if mounts else [cell for cell in disk_cells() if cell in cells]
    command = shlex.join(["scripts/drills", *sys.argv[1:]])
    report = Report(command, datetime.now(UTC).date().isoformat())
    if arguments.again:
        cells = report.take_over(arguments.json, cells)
    _carry_out([cell for cell in cells if cell not in out_of_reach], report, arguments)
    for cell in out_of_reach:
        _say(f"not carried out, since it needs the right to mount: {cell.name}")
    return 1 if report.failed else 0


def _carry_out(cells: list[Cell], report: Report, arguments: argparse.Namespace) -> None:
    folder = Path(tempfile.mkdtemp(prefix="zkfl-drills-"))
    _say(f"founding a consortium and running an undisturbed round in {folder} …")
    checkpoints = make_checkpoints(folder)
    for number, cell in enumerate(cells, 1):
        result = carry_out(cell, checkpoints, folder / f"cell-{number:02}")
        report.add(result)
        report.write(arguments.json, arguments.page)
        shown = result.problem or f"right, {result.seconds:.0f} s"
        _say(f"{number} of {len(cells)}  {cell.name}: {shown}")
    _say(f"{len(cells) - report.failed} of {len(cells)} rounds ended right")
    if report.failed:
        _say(f"what the others left behind is in {folder}")
    else:
        shutil.rmtree(folder)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/drills",
        description="Kill and disturb the processes of a round at every step, on a local chain.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", help="only drills whose name holds all of these")
    parser.add_argument("--list", action="store_true", help="print names, carry out nothing")
    parser.add_argument("--json", type=Path, default=_DEFAULT_JSON, help="default: %(default)s")
    parser.add_argument("--again", action="store_true", help="only what is not right in the JSON")
    parser.add_argument("--page", type=Path, help="Markdown page to write, beside the JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
