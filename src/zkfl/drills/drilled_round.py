"""One round under a drill: a copy of the folders, a chain, and an operator who goes on."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from zkfl.chain.deployment import load_deployment
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.drills.errors import DrillFailedError
from zkfl.drills.holds import Hold, Moment
from zkfl.drills.party_process import Limits, PartyProcess
from zkfl.drills.persistent_chain import PersistentChain
from zkfl.node.home import NodeHome
from zkfl.parties import open_registry
from zkfl.workspace import Workspace

ROUND = 1
_LOG = "commands.log"
_STATE = "chain.json"


@dataclass
class DrilledRound:
    """Folders and chain of one drill.

    Attributes
    ----------
    root
        Holds ``all/``, the consortium's folder, the state of the chain, and logs.
    chain
        That it runs on.
    url
        Endpoint that the parties are given; the chain's own unless something is between.
    repeated
        Commands that had to be given again, and the error that each had ended with.
    afterwards
        What is undone when the drill ends.
    """

    root: Path
    chain: PersistentChain
    url: str = ""
    repeated: list[str] = field(default_factory=list)
    afterwards: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def on(cls, root: Path, timestamp: int | None = None) -> "DrilledRound":
        """Return a round whose folders lie in ``root``; the chain does not run yet."""
        chain = PersistentChain(root / _STATE, timestamp)
        return cls(root, chain, chain.url)

    @property
    def workspace(self) -> Workspace:
        """The consortium's folder."""
        return Workspace(self.root / "all")

    @contextmanager
    def restored(self, checkpoint: Path) -> Iterator["DrilledRound"]:
        """Take folders and chain from a checkpoint, and run the chain until the block ends."""
        shutil.copytree(checkpoint, self.root)
        try:
            self.chain.start()
            yield self
        finally:
            self.afterwards.close()
            self.chain.stop()

    def keep(self, checkpoint: Path) -> None:
        """Copy folders and chain as they stand."""
        self.chain.save()
        shutil.copytree(self.root, checkpoint)

    # --- processes ---

    def start(
        self, words: Sequence[str], *, holds: Sequence[Hold] = (), file_bytes: int | None = None
    ) -> PartyProcess:
        """Start a process for one command."""
        return self._start([words], Limits(tuple(holds), file_bytes))

    def run(self, *commands: Sequence[str]) -> None:
        """Run commands in one process; every one must succeed."""
        process = self._start(commands, Limits())
        if process.wait() != 0:
            raise DrillFailedError(f"a command failed: {process}")

    def hold(self, moment: Moment, function: str = "") -> Hold:
        """Return a point for a process to wait at."""
        return Hold(moment, self.root / f"hold-{moment}", function)

    def _start(self, commands: Sequence[Sequence[str]], limits: Limits) -> PartyProcess:
        whole = [[words[0], str(self.workspace.root), *words[1:]] for words in commands]
        with_url = [[*words, "--rpc-url", self.url] for words in whole]
        return PartyProcess.start(with_url, self.root / _LOG, limits)

    # --- the operator ---

    def end(self, process: PartyProcess, words: Sequence[str]) -> None:
        """Let a process end; its command is given again if it failed."""
        if process.wait() != 0:
            self.repeated.append(f"{words[0]} ({process.error()})")
            self.run(words)

    def refused(self, words: Sequence[str], *, file_bytes: int | None = None) -> None:
        """Run a command that must fail, and say why."""
        process = self.start(words, file_bytes=file_bytes)
        if process.wait() == 0:
            raise DrillFailedError(f"zkfl {words[0]} did not notice the fault: {process}")
        self.repeated.append(f"{words[0]} ({process.error()})")

    def finish(self) -> None:
        """Do what is left of the round, as somebody would who reads ``zkfl status``."""
        if self.registry().current_round() < ROUND:
            self.run(["admit"], ["open"])
        if self.status() is RoundStatus.OPEN:
            self.run(["train"])
        if self.status() in {RoundStatus.OPEN, RoundStatus.CLOSED}:
            self.run(["close"])
        if self.status() is RoundStatus.PUBLISHED:
            self.run(["acknowledge"])

    def registry(self) -> Registry:
        """Return the registry, read past whatever stands between the parties and the chain."""
        workspace = self.workspace
        deployment = load_deployment(workspace.deployment)
        office = NodeHome.open(workspace.role("office"))
        return open_registry(office, deployment, self.chain.url)

    def status(self) -> RoundStatus:
        """Return where the round stands."""
        return self.registry().round(ROUND).status

    def through(self, url: str) -> "DrilledRound":
        """Return the same round with another endpoint for the parties."""
        return replace(self, url=url)
