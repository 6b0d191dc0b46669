"""A checked connection to one chain: everything that only reads."""

from typing import Literal

from eth_typing import HexStr
from web3 import Web3
from web3.exceptions import TransactionNotFound
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.base import JSONBaseProvider
from web3.types import TxData, TxReceipt

from zkfl.chain.asking import asking
from zkfl.chain.errors import NoCodeError, WrongChainIdError
from zkfl.chain.reverts import RevertDecoder
from zkfl.chain.text_codec import AnyTextCodec
from zkfl.chain.transport import CheckedHTTPProvider, RpcLimits


class Connection:
    """Reads one chain. Safe to share between threads.

    Parameters
    ----------
    endpoint
        URL of HTTP, over TLS unless it is on this machine; only scheme, host and port ever
        appear in messages. Or a provider that answers in its place.
    expected_chain_id
        Of the deployment.
    limits
        Deadline and retries of a request.
    decoder
        Knows the custom errors of the contracts.

    Raises
    ------
    RpcUnavailableError, RpcTimeoutError, RpcBadAnswerError, RpcRefusedError
        The endpoint is not in order.
    PlainHttpError
        The endpoint is on another machine and its URL is not https.
    WrongChainIdError
        It serves another chain.
    """

    def __init__(
        self,
        endpoint: str | JSONBaseProvider,
        expected_chain_id: int,
        limits: RpcLimits,
        decoder: RevertDecoder,
    ) -> None:
        if isinstance(endpoint, str):
            endpoint = CheckedHTTPProvider(endpoint, limits)
        self.w3 = Web3(endpoint)
        # Consortium chains (Clique, IBFT) carry more extra data than web3 lets pass.
        self.w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
        self.w3.codec = AnyTextCodec(self.w3.codec)
        self.chain_id = expected_chain_id
        self.decoder = decoder
        self.check_connection()

    def check_connection(self) -> int:
        """Return the latest block number of the right chain, or raise as the constructor."""
        with asking("eth_chainId", self.decoder):
            actual = int(self.w3.eth.chain_id)
        if actual != self.chain_id:
            raise WrongChainIdError(self.chain_id, actual)
        return self.block_number()

    def block_number(self) -> int:
        """Return the number of the latest block."""
        with asking("eth_blockNumber", self.decoder):
            return int(self.w3.eth.block_number)

    def block_timestamp(self, block: int | None = None) -> int:
        """Return a block's time in seconds since 1970; the latest one's if None."""
        with asking("eth_getBlockByNumber", self.decoder):
            return int(self.w3.eth.get_block("latest" if block is None else block)["timestamp"])

    def balance(self, address: str) -> int:
        """Return an address's balance in wei."""
        with asking("eth_getBalance", self.decoder):
            return int(self.w3.eth.get_balance(Web3.to_checksum_address(address)))

    def code_size(self, address: str) -> int:
        """Return the size in bytes of the code at an address."""
        with asking("eth_getCode", self.decoder):
            return len(self.w3.eth.get_code(Web3.to_checksum_address(address)))

    def require_code(self, address: str) -> None:
        """Raise `NoCodeError` unless the address holds a contract."""
        if self.code_size(address) == 0:
            raise NoCodeError(
                f"{address} holds no code on chain {self.chain_id}: the deployment belongs to "
                "another chain, or the chain was reset"
            )

    def latest_hash(self) -> bytes:
        """Return the hash of the latest block, 32 bytes."""
        with asking("eth_getBlockByNumber", self.decoder):
            return bytes(self.w3.eth.get_block("latest")["hash"])

    def genesis_hash(self) -> bytes:
        """Return the hash of block 0, which differs between chains of one id."""
        with asking("eth_getBlockByNumber", self.decoder):
            return bytes(self.w3.eth.get_block(0)["hash"])

    def block_gas_limit(self) -> int:
        """Return the gas that the latest block could hold."""
        with asking("eth_getBlockByNumber", self.decoder):
            return int(self.w3.eth.get_block("latest")["gasLimit"])

    def transaction_count(self, address: str, block: Literal["pending", "latest"]) -> int:
        """Return the next nonce of an address."""
        with asking("eth_getTransactionCount", self.decoder):
            return int(self.w3.eth.get_transaction_count(Web3.to_checksum_address(address), block))

    def receipt(self, tx_hash: str) -> TxReceipt | None:
        """Return a transaction's receipt, None if it is not mined or unknown."""
        with asking("eth_getTransactionReceipt", self.decoder):
            try:
                return self.w3.eth.get_transaction_receipt(HexStr(tx_hash))
            except TransactionNotFound:
                return None

    def knows(self, tx_hash: str) -> bool:
        """Tell whether the endpoint has a transaction, mined or pending."""
        return self.transaction(tx_hash) is not None

    def transaction(self, tx_hash: str) -> TxData | None:
        """Return a transaction, mined or pending; None if the endpoint does not have it."""
        with asking("eth_getTransactionByHash", self.decoder):
            try:
                return self.w3.eth.get_transaction(HexStr(tx_hash))
            except TransactionNotFound:
                return None
