"""Folders of a queue, a worker, and a node's certificate: each closed to others."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from zkfl.prover_queue.errors import ProverFolderError

_MODE = 0o700
_GROUP_OR_WORLD = 0o077


class Role(StrEnum):
    """What a certificate's holder may do."""

    NODE = "node"
    WORKER = "worker"
    SERVER = "server"


@dataclass(frozen=True)
class ProverFolder:
    """What one machine needs to take part; which of it exists depends on its role.

    Attributes
    ----------
    root
        Mode 0700.
    """

    root: Path

    @classmethod
    def create(cls, root: Path) -> "ProverFolder":
        """Make the folder, closed to everybody else, unless it is there."""
        root.mkdir(mode=_MODE, parents=True, exist_ok=True)
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> "ProverFolder":
        """Open an existing folder.

        Raises
        ------
        ProverFolderError
            It is missing, or group or world may enter it.
        """
        if not root.is_dir():
            raise ProverFolderError(f"{root} is no folder: make one with zkfl prover certificate")
        require_closed(root)
        return cls(root)

    @property
    def key(self) -> Path:
        """Private key of the machine's certificate, mode 0600."""
        return self.root / "key.pem"

    @property
    def certificate(self) -> Path:
        """The machine's certificate, to be given to the others."""
        return self.root / "certificate.pem"

    @property
    def server(self) -> Path:
        """The queue's certificate, at a node or a worker."""
        return self.root / "server.pem"

    def clients(self, role: Role) -> Path:
        """Certificates that may connect in a role, at the queue."""
        return self.root / f"{role}s"

    @property
    def queue(self) -> Path:
        """The order of jobs; holds their ids and nothing else."""
        return self.root / "queue"

    @property
    def jobs(self) -> Path:
        """A folder a job: what is to be proven, and the proof."""
        return self.root / "jobs"

    @property
    def scratch(self) -> Path:
        """Where a worker's witnesses lie while it proves."""
        return self.root / "scratch"


def require_closed(path: Path) -> None:
    """Raise `ProverFolderError` if group or world can reach a file or a folder."""
    mode = path.stat().st_mode
    if mode & _GROUP_OR_WORLD:
        wanted = "700" if path.is_dir() else "600"
        raise ProverFolderError(
            f"{path} is open to others (mode {mode & 0o777:04o}): run chmod {wanted} {path}, and "
            "think about who may have read records in it"
        )
