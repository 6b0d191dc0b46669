"""One object to read a chain and to write to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.providers.base import JSONBaseProvider

from zkfl.chain.asking import asking
from zkfl.chain.connection import Connection
from zkfl.chain.errors import NoAccountError
from zkfl.chain.fees import FeeLimits
from zkfl.chain.journal import Journal
from zkfl.chain.reverts import Abi, RevertDecoder
from zkfl.chain.sender import TransactionSender
from zkfl.chain.transactions import ProgressCallback, ReceiptLimits, TxProgress, TxResult
from zkfl.chain.transport import RpcLimits


class Sender(Protocol):
    """Brings transactions of one account to the chain."""

    def send(
        self,
        to: str | None,
        data: bytes,
        value: int,
        report: ProgressCallback,
        spare_gas: int = 0,
    ) -> TxResult:
        """Send one transaction; see `ChainClient.send`."""
        ...


class ChainClient(Connection):
    """Reads one chain and, with an account, writes to it. Safe to share between threads.

    Parameters
    ----------
    endpoint
        URL of HTTP, over TLS unless it is on this machine; only scheme, host and port ever
        appear in messages. Or a provider that answers in its place.
    account
        Signs locally; None for a client that only reads.
    expected_chain_id
        Of the deployment.
    rpc_limits, receipt_limits
        Deadlines and retries.
    decoder
        Knows the custom errors of the contracts; see `zkfl.chain.compile.error_decoder`.
    journal_folder
        Keeps the transaction in flight over a restart. Use one folder a process.
    fee_limits
        The most that a transaction may offer; from the environment if None.

    Raises
    ------
    RpcUnavailableError, RpcTimeoutError, RpcBadAnswerError, RpcRefusedError
        The endpoint is not in order.
    WrongChainIdError
        It serves another chain.
    PlainHttpError
        The endpoint is on another machine and its URL is not https.
    FeeLimitsError
        The environment's limit cannot be read.
    """

    def __init__(  # noqa: PLR0913 (all but three have defaults and are named)
        self,
        endpoint: str | JSONBaseProvider,
        account: LocalAccount | None,
        expected_chain_id: int,
        *,
        rpc_limits: RpcLimits | None = None,
        receipt_limits: ReceiptLimits | None = None,
        decoder: RevertDecoder | None = None,
        journal_folder: Path | None = None,
        fee_limits: FeeLimits | None = None,
    ) -> None:
        super().__init__(
            endpoint, expected_chain_id, rpc_limits or RpcLimits(), decoder or RevertDecoder()
        )
        self.account = account
        self._contracts: dict[str, tuple[Abi, Any]] = {}
        self._sender = self._open_sender(
            receipt_limits or ReceiptLimits(), fee_limits or FeeLimits.chosen(), journal_folder
        )

    @property
    def sender(self) -> ChecksumAddress:
        """Address of the account; raises `NoAccountError` if the client has none."""
        if self.account is None:
            raise _no_account()
        return self.account.address

    def call(
        self,
        address: str,
        abi: Abi,
        function: str,
        *arguments: object,
        block: int | None = None,
    ) -> Any:  # noqa: ANN401 - whatever the view returns
        """Call a view after a block, the latest if None; may raise `ContractRevertError`."""
        bound = self._contract(address, abi).get_function_by_name(function)(*arguments)
        with asking(f"{function}()", self.decoder):
            sender = {"from": self.account.address} if self.account else {}
            return bound.call(sender, block_identifier="latest" if block is None else block)

    def transact(
        self,
        address: str,
        abi: Abi,
        function: str,
        *arguments: object,
        on_progress: ProgressCallback | None = None,
        spare_gas: int = 0,
    ) -> TxResult:
        """Call a function in a transaction; raises as `send`."""
        data = self._contract(address, abi).encode_abi(function, args=list(arguments))
        return self.send(address, HexBytes(data), on_progress=on_progress, spare_gas=spare_gas)

    def deploy(
        self,
        abi: Abi,
        bytecode: bytes,
        arguments: Sequence[object] = (),
        on_progress: ProgressCallback | None = None,
    ) -> TxResult:
        """Create a contract; raises as `send`, and `NoCodeError` if nothing was created."""
        factory = self.w3.eth.contract(abi=cast("Any", abi), bytecode=bytecode)
        data = factory.constructor(*arguments).data_in_transaction
        result = self.send(None, HexBytes(data), on_progress=on_progress)
        self.require_code(str(result.contract_address))
        return result

    def send(
        self,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        on_progress: ProgressCallback | None = None,
        spare_gas: int = 0,
    ) -> TxResult:
        """Send one transaction and wait for its receipt.

        If the journal holds the same request from before a restart, that one is resumed.
        Any other pending transaction is first brought to its end.

        Parameters
        ----------
        to
            None to create a contract.
        value
            Wei.
        spare_gas
            Least margin above the estimate, where others' transactions can make it dearer.

        Raises
        ------
        NoAccountError
            The client has no account.
        ContractRevertError
            A contract refuses it, before sending or when mined.
        InsufficientFundsError
            The account cannot pay.
        TransactionFailedError
            Mined and failed for a reason that cannot be replayed.
        TransactionTimeoutError
            No receipt in time; calling again with the same arguments resumes.
        NonceConflictError
            Others use the account at the same time.
        TooExpensiveError
            The endpoint asks for more than the limits allow; nothing was signed.
        RpcError
            The endpoint is not in order.
        """
        if self._sender is None:
            raise _no_account()
        return self._sender.send(to, data, value, on_progress or _ignore, spare_gas)

    def _contract(self, address: str, abi: Abi) -> Any:  # noqa: ANN401 (web3 makes it per ABI)
        """Return web3's object of a contract; to make one takes longer than most calls do."""
        known = self._contracts.get(address)
        if known is None or known[0] is not abi:
            place = Web3.to_checksum_address(address)
            known = abi, self.w3.eth.contract(address=place, abi=cast("Any", abi))
            self._contracts[address] = known
        return known[1]

    def _open_sender(
        self, limits: ReceiptLimits, fee_limits: FeeLimits, folder: Path | None
    ) -> Sender | None:
        if self.account is None:
            return None
        journal = Journal(folder, self.chain_id, self.genesis_hash(), self.account.address)
        return TransactionSender(self, self.account, journal, limits, fee_limits)


def _ignore(_: TxProgress) -> None:
    """Report progress to nobody."""


def _no_account() -> NoAccountError:
    return NoAccountError("this client has no account and can only read: load a key")
