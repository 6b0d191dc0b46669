"""The router contract: which verifier answers for which circuit."""

from collections.abc import Iterable

from zkfl.chain.bound_contract import BoundContract
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.events import ChainEvent, EventReader
from zkfl.chain.states import Route
from zkfl.chain.transactions import TxResult


class Router(BoundContract):
    """Verifiers by the hash of their circuit's manifest.

    Parameters and exceptions are those of `BoundContract`, but for the ABI.
    """

    def __init__(self, client: ChainClient, address: str) -> None:
        super().__init__(client, address, compile_project()["VerifierRouter"].abi)
        self._events = EventReader(client, address, self.abi)

    def register(
        self, circuit: bytes, verifier: str, proof_length: int, commitments: int
    ) -> TxResult:
        """Register a circuit's verifier; by the owner.

        Parameters
        ----------
        circuit
            SHA-256 of the manifest, 32 bytes.
        verifier
            Address.
        proof_length
            Bytes of every proof.
        commitments
            Points at the start of a proof.
        """
        arguments = (circuit, verifier, proof_length, commitments)
        return self._write("register", *arguments)

    def remove(self, circuit: bytes) -> TxResult:
        """Leave a tombstone for a circuit; by the owner."""
        return self._write("remove", circuit)

    def owner(self) -> str:
        """Return who registers and removes circuits."""
        return str(self._read("owner"))

    def pending_owner(self) -> str:
        """Return who may accept the router; the zero address where nobody may."""
        return str(self._read("pendingOwner"))

    def transfer_ownership(self, account: str) -> TxResult:
        """Offer the router to an account, which has to accept it; by the owner."""
        return self._write("transferOwnership", account)

    def route(self, circuit: bytes) -> Route:
        """Return a circuit's verifier."""
        return Route(*self._read("route", circuit))

    def require_valid(self, circuit: bytes, proof: bytes) -> None:
        """Raise `ContractRevertError` unless the proof is valid."""
        self._read("requireValid", circuit, proof)

    def refusal_of(self, circuit: bytes, proof: bytes, *, removable: bool = False) -> str:
        """Return the name of the error that a proof is refused with, empty where it is accepted.

        A tombstone keeps its verifier: where a circuit that may go was removed, that one is asked.
        """
        try:
            self.require_valid(circuit, proof)
        except ContractRevertError as error:
            removed = removable and error.name == "CircuitTombstoned"
            return self._verifiers_refusal(circuit, proof) if removed else error.name
        return ""

    def _verifiers_refusal(self, circuit: bytes, proof: bytes) -> str:
        """Ask past the router, as it asks itself."""
        route = self.route(circuit)
        if len(proof) != route.proof_length:
            return "ProofLengthMismatch"
        abi = compile_project()["IHalo2Verifier"].abi
        try:
            valid = self.client.call(route.verifier, abi, "verifyProof", proof, [])
        except ContractRevertError:
            valid = False
        return "" if valid else "InvalidProof"

    def events(
        self, from_block: int = 0, to_block: int | None = None, names: Iterable[str] = ()
    ) -> list[ChainEvent]:
        """Return the router's events in chain order; see `EventReader.read`."""
        return self._events.read(from_block, to_block, names)
