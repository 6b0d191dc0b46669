"""The results of the drills as JSON and as a page of the documentation."""

import json
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.drills.cells import Cell
from zkfl.drills.run import Result

_MODE = 0o644
_PAGE = """# Fault drills

Real processes of the `zkfl` commands on the smallest circuits, three hospitals and a local
anvil. Each row starts from a copy of the folders and of the chain as they stood before the
step. A process is killed with SIGKILL, or its surroundings are disturbed, at the point named;
then the killed command is given again, and whoever is left finishes the round.

"Right" means, each time: the round is final; the chain holds 13 transactions, none of them
failed, and every event of a round once; the published model opens the contract's commitment
and equals the weighted sum of the updates in the hospitals' own folders; its parameters equal
those of the undisturbed round (without everyone's noise; noise and blinders are random); node and
chain count the same openings; no witness lies in the clear and no transaction waits unmined.

- **Who is killed.** "hospital" is an ordinary one, "key holder" the one with the decryption
  key. `zkfl close` takes the steps from close to publish, the key holder's among them, in
  one process. A party that has nothing to do in a step is killed while it stands at
  its next command, in the middle of the other's transaction.
- **What an anvil kill can lose.** Anvil writes its state at intervals (`--state-interval`) and
  when it is stopped in order. SIGKILL loses every block and every waiting transaction since
  then. "Saved" and "not saved" say which of the two a row is about; the state file is written
  at exactly that point, through `anvil_dumpState`.
- **Genesis.** An anvil that is started with `--state` a second time can show another block 0,
  because each process makes one of its own. A node refuses it (`HomeBindingError`), since a
  folder serves one chain. `--timestamp`, the same at each start, keeps block 0 the same.
- **Disks.** The folder lies on a small tmpfs, filled to the last byte (`ENOSPC`), or is mounted
  read-only (`EROFS`), in a mount namespace of the drill's own; this needs the right to mount.
  The limit on file sizes needs none, but raises another error (`EFBIG`).
- **Commands given again** after they had failed by themselves, with the error that they named.
  A command that was killed is given again in every row.

Found, and closed since: if the chain loses two blocks or more with transactions of one account,
the last of which is still in flight, that one waits for a nonce that nobody fills. Networks put
transactions of undone blocks back among the waiting ones; a killed anvil does not. Every party
therefore keeps its last 32 mined transactions in `state/transactions/mined/`, and sends again
those that the chain needs before the one in flight (`tests/chain/test_lost_blocks.py`). Nothing
may be removed from `state/`.

Made by `{command}` on {date}; the JSON beside this page holds the same rows.
{right} of {total} rounds ended right.

| step | victim | fault | the fault itself loses | failed and given again | the round ended |
|---|---|---|---|---|---|
{rows}
"""


class Report:
    """What came of the drills so far.

    Parameters
    ----------
    command, date
        Where the figures come from.
    """

    def __init__(self, command: str, date: str) -> None:
        self._command = command
        self._date = date
        self._results: list[Result] = []

    @property
    def failed(self) -> int:
        """How many rounds did not end right."""
        return sum(bool(result.problem) for result in self._results)

    def add(self, result: Result) -> None:
        """Take in one more."""
        self._results.append(result)

    def take_over(self, path: Path, cells: list[Cell]) -> list[Cell]:
        """Take over what ended right in an earlier report; return the cells that are left."""
        earlier = json.loads(path.read_bytes())
        right = {
            (row["step"], row["victim"], row["fault"]): row
            for row in earlier["drills"]
            if row["right"]
        }
        self._command = f"{earlier['command']}, then {self._command}"
        left = []
        for cell in cells:
            row = right.get((cell.step, cell.victim, cell.moment))
            if row is None:
                left.append(cell)
            else:
                self.add(Result(cell, "", tuple(row["repeated"]), row["seconds"]))
        return left

    def write(self, json_path: Path, page: Path | None) -> None:
        """Write all of them, so that none is lost if a later one hangs."""
        write_atomically(json_path, json.dumps(self._content(), indent=1).encode() + b"\n", _MODE)
        if page is not None:
            write_atomically(page, self._page().encode(), _MODE)

    def _content(self) -> dict[str, object]:
        return {
            "format": "zkfl.fault-drills.v1",
            "date": self._date,
            "command": self._command,
            "drills": [
                {
                    "step": result.cell.step,
                    "victim": result.cell.victim,
                    "fault": result.cell.moment,
                    "loss": result.cell.loss,
                    "repeated": list(result.repeated),
                    "right": not result.problem,
                    "problem": result.problem,
                    "seconds": round(result.seconds, 1),
                }
                for result in self._results
            ],
        }

    def _page(self) -> str:
        total = len(self._results)
        return _PAGE.format(
            command=self._command,
            date=self._date,
            total=total,
            right=total - self.failed,
            rows="\n".join(_row(result) for result in self._results),
        )


def _row(result: Result) -> str:
    cell = result.cell
    ended = f"WRONG: {' '.join(result.problem.split())[:300]}" if result.problem else "right"
    again = ", ".join(f"`{command}`" for command in result.repeated) or "nothing"
    columns = (cell.step, cell.victim, cell.moment, cell.loss, again, ended)
    return "| " + " | ".join(column.replace("|", "/") for column in columns) + " |"
