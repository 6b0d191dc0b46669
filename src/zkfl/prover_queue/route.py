"""Where a party's proofs are made: here, or by the hospital's queue."""

from pathlib import Path

from zkfl.party_config import PROVER_HERE, PartyConfig
from zkfl.prover_queue.connection import QueueConnection
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.queued_prover import QueuedProver
from zkfl.zk_circuits.prover import CircuitProver, prove

CERTIFICATE_FOLDER = Path("keys") / "prover"
"""In a party's folder: its certificate for the queue, and the queue's."""


def prover_of(home: Path, config: PartyConfig) -> CircuitProver:
    """Return what proves for the party of a folder, as its settings say."""
    if config.prover == PROVER_HERE:
        return prove
    return QueuedProver(config.prover, home / CERTIFICATE_FOLDER)


def open_queue(home: Path, config: PartyConfig) -> QueueConnection:
    """Return a connection to the queue that a party's settings name.

    Raises
    ------
    MachineCertificateError, PrivateFileError, ProverFolderError, QueueRefusedError
        The party's certificate is not in order, or its settings name no queue.
    """
    return QueueConnection(config.prover, ProverFolder.open(home / CERTIFICATE_FOLDER))
