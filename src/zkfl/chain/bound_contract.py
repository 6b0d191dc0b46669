"""A contract at an address: what every typed one of them is built on."""

from typing import Any

from zkfl.chain.client import ChainClient
from zkfl.chain.reverts import Abi
from zkfl.chain.transactions import TxResult


class BoundContract:
    """Calls and transactions of one contract, by its ABI.

    Every method that reads may raise `RpcError`; every method that writes raises as
    `ChainClient.send`, `ContractRevertError` above all.

    Parameters
    ----------
    client
        Reads, and writes where it has an account.
    address, abi
        The contract's.

    Raises
    ------
    NoCodeError
        The address holds no contract.
    """

    def __init__(self, client: ChainClient, address: str, abi: Abi) -> None:
        client.require_code(address)
        self.client = client
        self.address = address
        self.abi = abi

    def _read(self, function: str, *arguments: object) -> Any:  # noqa: ANN401 (as the ABI says)
        return self.client.call(self.address, self.abi, function, *arguments)

    def _write(self, function: str, *arguments: object) -> TxResult:
        return self.client.transact(self.address, self.abi, function, *arguments)
