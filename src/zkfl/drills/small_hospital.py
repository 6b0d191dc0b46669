"""A hospital's queue of proofs on this machine, for tests and measurements: TLS and all."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from zkfl.drills.errors import DrillError
from zkfl.prover_queue.certificates import create_certificate, trust
from zkfl.prover_queue.connection import QueueConnection
from zkfl.prover_queue.folder import ProverFolder, Role
from zkfl.prover_queue.proof_queue import LEASE_SECONDS
from zkfl.prover_queue.queued_prover import QueuedProver
from zkfl.prover_queue.server import Listen, serve
from zkfl.prover_queue.worker import Worker
from zkfl.prover_queue.workshop import Workshop
from zkfl.scratch import fresh_scratch

HOST = "127.0.0.1"
QUEUE, NODE, WORKER = "queue", "node", "worker"
_DAYS = 2
_READY_SECONDS = 60.0


@dataclass
class SmallHospital:
    """The folders of a queue, a node and a worker that know each other.

    Attributes
    ----------
    root
        Holds a folder a machine.
    port
        Of the queue, once it was open; it keeps it.
    lines
        What workers told.
    """

    root: Path
    port: int = 0
    lines: list[str] = field(default_factory=list)

    @classmethod
    def create(cls, root: Path) -> "SmallHospital":
        """Make the three machines' folders."""
        hospital = cls(root)
        create_certificate(ProverFolder.create(root / QUEUE), QUEUE, [HOST], _DAYS)
        hospital.add(NODE, Role.NODE)
        hospital.add(WORKER, Role.WORKER)
        return hospital

    def folder(self, name: str) -> ProverFolder:
        """Return a machine's folder."""
        return ProverFolder(self.root / name)

    @property
    def url(self) -> str:
        """Where the queue listens."""
        return f"https://{HOST}:{self.port}"

    def add(self, name: str, role: Role) -> ProverFolder:
        """Make a machine that the queue knows, and that knows the queue."""
        folder = self.add_stranger(name)
        trust(self.folder(QUEUE), folder.certificate, role)
        return folder

    def add_stranger(self, name: str) -> ProverFolder:
        """Make a machine that knows the queue, and that the queue does not know."""
        folder = ProverFolder.create(self.root / name)
        create_certificate(folder, name, [HOST], _DAYS)
        trust(folder, self.folder(QUEUE).certificate, Role.SERVER)
        return folder

    def connection(self, name: str) -> QueueConnection:
        """Return a machine's way to the queue."""
        return QueueConnection(self.url, self.folder(name))

    def prover(self, name: str = NODE) -> QueuedProver:
        """Return what proves for a node."""
        return QueuedProver(self.url, self.folder(name).root)

    def worker(self, name: str = WORKER) -> Worker:
        """Return a worker on the demo SRS."""
        workshop = Workshop(None, lambda _: nullcontext(lambda *_: None))
        scratch = fresh_scratch(self.folder(name).scratch)
        return Worker(self.connection(name), workshop.circuit, scratch, self.lines.append)

    @contextmanager
    def open(self, lease_seconds: float = LEASE_SECONDS) -> Iterator[None]:
        """Hold the queue in a thread.

        Raises
        ------
        DrillError
            It does not open.
        """
        with _Holder(self, lease_seconds):
            yield


class _Holder(threading.Thread):
    """The thread that holds a queue open."""

    def __init__(self, hospital: SmallHospital, lease_seconds: float) -> None:
        super().__init__(daemon=True)
        self._hospital = hospital
        self._listen = Listen(HOST, hospital.port, lease_seconds)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._enough: asyncio.Event | None = None

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._enough = asyncio.get_running_loop(), asyncio.Event()
        await serve(self._hospital.folder(QUEUE), self._listen, self._enough, self._on_ready)

    def _on_ready(self, port: int) -> None:
        self._hospital.port = port
        self._ready.set()

    def __enter__(self) -> None:
        self.start()
        if not self._ready.wait(_READY_SECONDS):
            raise DrillError(f"the queue in {self._hospital.root} does not open")

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._enough is not None:
            self._loop.call_soon_threadsafe(self._enough.set)
        self.join()
