"""The contract that checks proven predictions: created by anybody, believed by its code."""

from typing import Any, cast

from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3

from zkfl.chain.artefacts import Artefact
from zkfl.chain.asking import asking
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, compile_verifier
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.transactions import TxResult
from zkfl.curve import G1Point
from zkfl.zk_circuits.circuit_files import BuiltCircuit

CONTRACT = "InferenceVerifier"


class InferenceVerifier:
    """One such contract; raises as `zkfl.chain.registry.Registry`.

    Parameters
    ----------
    client
        Of the registry's chain.
    address
        The contract's.
    registry
        Whose models it has to ask.
    circuit
        Of inference, built here: its verifier has to be the contract's.

    Raises
    ------
    NoCodeError
        The address holds no contract.
    NotGenuineError
        It holds another one, or one over another registry or verifier.
    """

    def __init__(
        self, client: ChainClient, address: str, registry: str, circuit: BuiltCircuit
    ) -> None:
        client.require_code(address)
        self.client = client
        self.address = Web3.to_checksum_address(address)
        self._artefact = compile_project()[CONTRACT]
        verifier = self._stated_verifier()
        self._require_code(self.address, self._artefact, _arguments(registry, verifier, circuit))
        self._require_code(
            Web3.to_checksum_address(verifier), compile_verifier(circuit.files.verifier), ()
        )

    @classmethod
    def create(
        cls, client: ChainClient, registry: str, circuit: BuiltCircuit
    ) -> tuple[str, list[TxResult]]:
        """Create the circuit's verifier and the contract over it; return its address."""
        generated, artefact = compile_verifier(circuit.files.verifier), compile_project()[CONTRACT]
        first = client.deploy(generated.abi, generated.bytecode(), ())
        arguments = _arguments(registry, str(first.contract_address), circuit)
        second = client.deploy(artefact.abi, artefact.bytecode(), arguments)
        return str(second.contract_address), [first, second]

    def require_inference(self, round_id: int, logit: int, record: G1Point, proof: bytes) -> bool:
        """Tell whether a record's class is 1; raises `ContractRevertError` unless it is proven."""
        return bool(
            self.client.call(
                self.address,
                self._artefact.abi,
                "requireInference",
                round_id,
                logit,
                tuple(record),
                proof,
            )
        )

    def _stated_verifier(self) -> str:
        try:
            return str(self.client.call(self.address, self._artefact.abi, "VERIFIER"))
        except ContractRevertError as error:
            raise NotGenuineError(
                f"the contract at {self.address} is no {CONTRACT}: it names no verifier"
            ) from error

    def _require_code(
        self, address: ChecksumAddress, artefact: Artefact, arguments: tuple[object, ...]
    ) -> None:
        """Compare code, which is all there is: neither contract has storage."""
        abi = cast("Any", artefact.abi)
        factory = self.client.w3.eth.contract(abi=abi, bytecode=artefact.bytecode())
        creation = factory.constructor(*arguments).data_in_transaction
        with asking(f"code of {artefact.name}", self.client.decoder):
            expected = self.client.w3.eth.call({"data": HexBytes(creation)})
            actual = self.client.w3.eth.get_code(address)
        if bytes(actual) != bytes(expected):
            raise NotGenuineError(
                f"the contract at {address} is not the {artefact.name} of this consortium and "
                "circuit that this checkout compiles to: create one (zkfl model deploy-verifier), "
                "or check natively alone"
            )


def _arguments(registry: str, verifier: str, circuit: BuiltCircuit) -> tuple[object, ...]:
    return (
        Web3.to_checksum_address(registry),
        Web3.to_checksum_address(verifier),
        circuit.manifest.proof_length,
    )
