"""Processes that run ``zkfl`` commands: started anew for each, killed where a drill says.

Each is forked from a server that has imported zkfl and done nothing else, since the imports
take longer than a step. What a process knows of earlier ones is what its folder holds.
"""

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from zkfl import founding
from zkfl.cli.app import main
from zkfl.drills.errors import DrillError, DrillFailedError
from zkfl.drills.holds import Hold, install
from zkfl.drills.small_consortium import SCHEMA

_DEADLINE_SECONDS = 400.0
_POLL_SECONDS = 0.01
_LAST_WORDS = 600


@dataclass(frozen=True)
class Limits:
    """What a process may do.

    Attributes
    ----------
    holds
        Where it stops and waits.
    file_bytes
        Largest file that it may write (``RLIMIT_FSIZE``); no limit if None.
    """

    holds: tuple[Hold, ...] = ()
    file_bytes: int | None = None


class PartyProcess:
    """A running process and what it wrote."""

    def __init__(self, process: ForkServerProcess, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    def start(
        cls, commands: Sequence[Sequence[str]], log: Path, limits: Limits | None = None
    ) -> "PartyProcess":
        """Start a process that runs commands of ``zkfl`` one after another."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        arguments = ([list(words) for words in commands], str(log), limits or Limits())
        process = context.Process(target=run_commands, args=arguments)
        process.start()
        return cls(process, log)

    def kill(self) -> None:
        """End it with SIGKILL, and see that this is how it ended."""
        self._process.kill()
        self._process.join()
        if self._process.exitcode != -9:  # noqa: PLR2004 - SIGKILL
            raise DrillError(f"it ended with {self._process.exitcode} before it was killed: {self}")

    def wait_until(self, reached: Callable[[], bool], what: str) -> None:
        """Wait until something has come about while the process runs."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not reached():
            if self._process.exitcode is not None:
                raise DrillError(f"the process ended before {what}: {self}")
            if time.monotonic() > deadline:
                self._process.kill()
                raise DrillError(f"the process did not come to {what}: {self}")
            time.sleep(_POLL_SECONDS)

    def wait(self) -> int:
        """Wait for its end and return its status."""
        self._process.join(_DEADLINE_SECONDS)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
            raise DrillError(f"the process did not end in {_DEADLINE_SECONDS:g} s: {self}")
        return self._process.exitcode

    def error(self) -> str:
        """Return the name of the error that it ended with.

        Raises
        ------
        DrillFailedError
            It named none: it ended with a traceback.
        """
        _, found, rest = str(self).rpartition("error (")
        if not found:
            raise DrillFailedError(f"a command failed and named no error: {self}")
        return rest.partition(")")[0]

    def __str__(self) -> str:
        """Return its last words."""
        return self._log.read_text(errors="replace")[-_LAST_WORDS:]


def run_commands(commands: list[list[str]], log: str, limits: Limits) -> None:
    """Run commands until one fails; in the new process."""
    _write_to(log)
    if limits.file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
    # The tiny circuits take three features; no shipped schema has so few.
    vars(founding).update(public_schema=lambda _: SCHEMA)
    install(list(limits.holds))
    for words in commands:
        print("$ zkfl", *words, flush=True)  # noqa: T201 - the log
        sys.argv = ["zkfl", *words]
        try:
            main()
        except SystemExit as ended:
            if ended.code:
                raise


def _write_to(log: str) -> None:
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
