"""The contract that records a ceremony, typed; mirrors ``ICeremonyLog.sol``."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from zkfl.chain.bound_contract import BoundContract
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.transactions import TxResult

CONTRACT = "CeremonyLog"


class Phase(IntEnum):
    """Where a ceremony stands."""

    CONTRIBUTING = 0
    VERIFYING = 1
    BEACON = 2
    CONFIRMING = 3
    COMPLETE = 4
    BLOCKED = 5


@dataclass(frozen=True)
class LoggedContribution:
    """A contribution on chain: author, bits of its verifiers, SHA-256 of file and record."""

    contributor: str
    verified_by: int
    file_hash: bytes
    record_hash: bytes


@dataclass(frozen=True)
class CeremonyState:
    """Everything that the contract stores.

    Attributes
    ----------
    phase, turn, skipped, deadline
        Where it stands, turns that are over, who let theirs pass (a bit each), and until when
        the step may take.
    contributors, contributions
        In order.
    beacon_block, beacon
        Zero until armed, zeros until recorded.
    confirmed_by, ptau_hash, srs_hash
        Who stated the result (a bit each), and what the first of them stated.
    """

    phase: Phase
    turn: int
    skipped: int
    deadline: int
    contributors: tuple[str, ...]
    contributions: tuple[LoggedContribution, ...]
    beacon_block: int
    beacon: bytes
    confirmed_by: int
    ptau_hash: bytes
    srs_hash: bytes


def deploy_log(
    client: ChainClient,
    logrows: int,
    contributors: Sequence[str],
    beacon_distance: int,
    step_seconds: int,
) -> TxResult:
    """Create the contract of a ceremony; raises as `ChainClient.deploy`."""
    artefact = compile_project()[CONTRACT]
    arguments = (logrows, list(contributors), beacon_distance, step_seconds)
    return client.deploy(artefact.abi, artefact.bytecode(), arguments)


class CeremonyLog(BoundContract):
    """One ceremony's contract.

    Parameters and exceptions are those of `BoundContract`, but for the ABI.
    """

    def __init__(self, client: ChainClient, address: str) -> None:
        super().__init__(client, address, compile_project()[CONTRACT].abi)

    def state(self) -> CeremonyState:
        """Read the whole state."""
        return CeremonyState(
            phase=Phase(self._number("phase")),
            turn=self._number("turn"),
            skipped=self._number("skipped"),
            deadline=self._number("deadline"),
            contributors=tuple(map(str, self._read("contributors"))),
            contributions=tuple(
                LoggedContribution(*entry) for entry in self._read("contributions")
            ),
            beacon_block=self._number("beaconBlock"),
            beacon=bytes(self._read("beacon")),
            confirmed_by=self._number("confirmedBy"),
            ptau_hash=bytes(self._read("ptauHash")),
            srs_hash=bytes(self._read("srsHash")),
        )

    def contribute(self, file_hash: bytes, record_hash: bytes) -> TxResult:
        """Record the sender's contribution."""
        return self._write("contribute", file_hash, record_hash)

    def verify(self, index: int, file_hash: bytes, record_hash: bytes) -> TxResult:
        """State what the sender found; anything but the contribution's own ends the ceremony."""
        return self._write("verify", index, file_hash, record_hash)

    def skip(self) -> TxResult:
        """Go on without those who let the deadline pass."""
        return self._write("skip")

    def record_beacon(self) -> TxResult:
        """Record the hash of the beacon's block."""
        return self._write("recordBeacon")

    def rearm_beacon(self) -> TxResult:
        """Choose another block after nobody recorded the first."""
        return self._write("rearmBeacon")

    def confirm(self, ptau_hash: bytes, srs_hash: bytes) -> TxResult:
        """State the result."""
        return self._write("confirm", ptau_hash, srs_hash)

    def _number(self, function: str) -> int:
        return int(self._read(function))
