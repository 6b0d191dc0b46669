"""forge in a copy of the contracts, so that no fault ever touches the checkout."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from zkfl.audit.errors import AuditError

_PLAIN = "contracts/test/invariant/*"
_OUTCOME = re.compile(r"^Ran \d+ tests? for \S+:(\w+)$|^\[FAIL.*\] (\w+)\(", re.MULTILINE)
_SECONDS = 900
_ENVIRONMENT = {"FOUNDRY_OPTIMIZER": "false", "FOUNDRY_DYNAMIC_TEST_LINKING": "true"}
"""Several times faster to compile; what the tests see is the same but for gas."""


@dataclass(frozen=True)
class Verdict:
    """What the tests said.

    Parameters
    ----------
    outcome
        ``killed``, ``survived``, ``timeout``, or ``invalid`` for what does not compile.
    test
        The first test that failed, or nothing.
    """

    outcome: str
    test: str


class ContractsCopy:
    """A folder with the contracts, their tests and what both need."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        ignored = shutil.ignore_patterns("out", "cache", "generated")
        shutil.copytree(root / "contracts", folder / "contracts", ignore=ignored)
        shutil.copytree(root / "bin", folder / "bin")
        shutil.copytree(root / "tests" / "vectors", folder / "tests" / "vectors")
        shutil.copy(root / "foundry.toml", folder)
        (folder / "node_modules").symlink_to((root / "node_modules").resolve())

    def try_source(self, file: str, source: str) -> Verdict:
        """Return what the tests say of another source of one file, and put it back."""
        path = self.folder / file
        original = path.read_bytes()
        path.write_text(source, encoding="utf-8")
        try:
            return self.test()
        finally:
            path.write_bytes(original)

    def require_sound(self) -> None:
        """Run the tests without any fault.

        Raises
        ------
        AuditError
            One fails.
        """
        verdict = self.test()
        if verdict.outcome != "survived":
            raise AuditError(f"the tests fail without any fault: {verdict.outcome} {verdict.test}")

    def test(self) -> Verdict:
        """Run the quick tests, then, where they notice nothing, the invariants."""
        quick = self._forge("--no-match-path", _PLAIN)
        return quick if quick.outcome != "survived" else self._forge("--match-path", _PLAIN)

    def _forge(self, *paths: str) -> Verdict:
        command = ["bin/forge", "test", "--offline", "--fail-fast", "--color", "never"]
        command += ["--fuzz-runs", "16", "--fuzz-seed", "1", *paths]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=os.environ | _ENVIRONMENT,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict("timeout", "")
        return _verdict(done.returncode, done.stdout, done.stderr)


def _verdict(code: int, printed: str, complaint: str) -> Verdict:
    if code == 0:
        return Verdict("survived", "")
    if "Compiler run failed" in printed + complaint:
        return Verdict("invalid", "")
    suite = ""
    for found in _OUTCOME.finditer(printed):
        if found[2]:
            return Verdict("killed", f"{suite}.{found[2]}")
        suite = found[1]
    raise AuditError(f"forge failed without a failing test: {(complaint or printed)[-2000:]}")
