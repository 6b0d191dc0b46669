"""Transactions that are sent once.

A transaction is signed once for its nonce, written to the journal, and broadcast as the
same bytes until it has a receipt. Only when the chain shows that its nonce went to another
transaction, so that it can never be mined, is the request signed anew.
"""

import threading
import time
from typing import Any, cast

from eth_account.signers.local import LocalAccount
from eth_typing import HexStr
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxParams, TxReceipt

from zkfl.chain.asking import asking
from zkfl.chain.connection import Connection
from zkfl.chain.errors import (
    ChainError,
    ContractRevertError,
    InsufficientFundsError,
    NonceConflictError,
    RpcError,
    RpcRefusedError,
    TransactionFailedError,
    TransactionTimeoutError,
)
from zkfl.chain.fees import FeeLimits, estimate_fees, fee_cap
from zkfl.chain.journal import Journal, PendingTransaction
from zkfl.chain.lost_blocks import resend_lost
from zkfl.chain.replay import mined_failure
from zkfl.chain.transactions import (
    ProgressCallback,
    ReceiptLimits,
    TxProgress,
    TxResult,
    result_of,
)
from zkfl.logs import logger

_log = logger("chain")
GAS_MARGIN_PERCENT = 20
SPARE_GAS = 100_000
"""The least margin: of two acknowledgements in one block, the later one ends the round."""
"""Added to the estimate: state may change between estimate and execution."""
TRANSACTION_GAS_CAP = 2**24
"""No transaction may have more on a chain with the rules of Osaka, however much a block holds.

EIP-7825, https://eips.ethereum.org/EIPS/eip-7825
"""
_SIGNING_ATTEMPTS = 3
_REBROADCAST_EVERY_POLLS = 10
_NO_FUNDS = ("insufficient funds", "doesn't have enough funds")
_NONCE_TAKEN = ("nonce too low", "nonce is too low", "replacement transaction underpriced")


class TransactionSender:
    """Sends the transactions of one account, one after another.

    Parameters
    ----------
    connection
        To the chain.
    account
        Signs locally.
    journal
        Holds the transaction in flight.
    limits
        How long to wait for a receipt.
    fee_limits
        The most that a transaction may offer.
    """

    def __init__(
        self,
        connection: Connection,
        account: LocalAccount,
        journal: Journal,
        limits: ReceiptLimits,
        fee_limits: FeeLimits,
    ) -> None:
        self._connection = connection
        self._account = account
        self._journal = journal
        self._limits = limits
        self._fee_limits = fee_limits
        self._sending = threading.Lock()

    def send(
        self,
        to: str | None,
        data: bytes,
        value: int,
        report: ProgressCallback,
        spare_gas: int = 0,
    ) -> TxResult:
        """Send one transaction and wait for its receipt; see `ChainClient.send`."""
        request = request_hash(to, data, value)
        with self._sending:
            pending = self._journal.pending()
            if pending is not None:
                resumed = self._settle(pending, request, report)
                if resumed is not None:
                    return resumed
            report(TxProgress("estimating"))
            transaction = self._prepare(to, data, value, spare_gas)
            return self._sign_and_finish(transaction, request, report)

    def _prepare(self, to: str | None, data: bytes, value: int, spare_gas: int) -> TxParams:
        transaction: TxParams = {
            "from": self._account.address,
            "data": HexBytes(data),
            "value": Web3.to_wei(value, "wei"),
            "chainId": self._connection.chain_id,
        }
        if to is not None:
            transaction["to"] = Web3.to_checksum_address(to)
        self._connection.check_connection()
        try:
            with asking("eth_estimateGas", self._connection.decoder):
                gas = int(self._connection.w3.eth.estimate_gas(transaction))
        except RpcRefusedError as error:
            raise self._named_refusal(error) from error
        margin = max(gas * GAS_MARGIN_PERCENT // 100, SPARE_GAS, spare_gas)
        transaction["gas"] = self._within_limits(gas + margin, gas)
        with asking("the fee estimate", self._connection.decoder):
            fees = estimate_fees(self._connection.w3)
        self._fee_limits.require_fee(fees)
        self._require_funds(value + transaction["gas"] * fee_cap(fees))
        return cast("TxParams", {**transaction, **fees})

    def _within_limits(self, wanted: int, needed: int) -> int:
        self._fee_limits.require_gas(needed)
        limit = self._connection.block_gas_limit()
        if needed > limit:
            raise RpcRefusedError(
                f"the transaction needs {needed} gas, a block holds {limit}: it can never be mined"
            )
        # The margin must not be what makes the chain refuse; a need above the cap is left to it.
        cap = TRANSACTION_GAS_CAP if needed <= TRANSACTION_GAS_CAP else limit
        return min(wanted, cap, limit, self._fee_limits.max_gas)

    def _require_funds(self, needed: int) -> None:
        balance = self._connection.balance(self._account.address)
        if balance < needed:
            raise InsufficientFundsError(
                f"{self._account.address} holds {balance} wei, the transaction may cost "
                f"{needed} wei: fund the account"
            )

    def _sign_and_finish(
        self, transaction: TxParams, request: str, report: ProgressCallback
    ) -> TxResult:
        for _ in range(_SIGNING_ATTEMPTS):
            pending = self._sign(transaction, request)
            try:
                return self._finish(pending, report)
            except _NonceTakenError:
                self._journal.clear()
        raise NonceConflictError(
            f"the nonce of {self._account.address} was taken {_SIGNING_ATTEMPTS} times in a row: "
            "another process sends from the same account; give each process its own"
        )

    def _sign(self, transaction: TxParams, request: str) -> PendingTransaction:
        nonce = self._connection.transaction_count(self._account.address, "pending")
        unsigned = {key: entry for key, entry in transaction.items() if key != "from"}
        signed = self._account.sign_transaction(cast("Any", {**unsigned, "nonce": nonce}))
        pending = PendingTransaction(
            request=request,
            tx_hash="0x" + signed.hash.hex().removeprefix("0x"),
            raw="0x" + signed.raw_transaction.hex().removeprefix("0x"),
            nonce=nonce,
            gas=transaction["gas"],
        )
        self._journal.record(pending)
        _log.info("transaction signed", tx_hash=pending.tx_hash, nonce=nonce, gas=pending.gas)
        return pending

    def _settle(
        self, pending: PendingTransaction, request: str, report: ProgressCallback
    ) -> TxResult | None:
        """Bring a journalled transaction to its end; its result if it is the one asked for."""
        try:
            if self._connection.receipt(pending.tx_hash) is None:
                self._resend_lost(pending)
            result = self._finish(pending, report)
        except _NonceTakenError:
            self._journal.clear()
            return None
        except (ContractRevertError, TransactionFailedError):
            if pending.request == request:
                raise
            return None
        return result if pending.request == request else None

    def _finish(self, pending: PendingTransaction, report: ProgressCallback) -> TxResult:
        report(TxProgress("broadcasting", pending.tx_hash))
        receipt = self._connection.receipt(pending.tx_hash)
        if receipt is None:
            self._first_broadcast(pending)
        if receipt is None or not self._is_deep(receipt):
            receipt = self._wait(pending, report)
        # The reason is read before the journal forgets, so that an outage here loses nothing.
        failed = receipt["status"] != 1
        failure = mined_failure(self._connection, pending, receipt) if failed else None
        self._journal.settle(pending)
        if failure is not None:
            raise failure
        report(TxProgress("mined", pending.tx_hash))
        result = result_of(pending.tx_hash, receipt)
        _log.info("transaction mined", tx_hash=pending.tx_hash, gas=result.gas_used)
        return result

    def _first_broadcast(self, pending: PendingTransaction) -> None:
        try:
            self._broadcast(pending)
        except (RpcRefusedError, ContractRevertError, InsufficientFundsError):
            # Refused and unknown to the endpoint: it is not in flight.
            self._journal.clear()
            raise

    def _broadcast(self, pending: PendingTransaction) -> None:
        try:
            with asking("eth_sendRawTransaction", self._connection.decoder):
                self._connection.w3.eth.send_raw_transaction(HexStr(pending.raw))
        except (RpcRefusedError, ContractRevertError) as error:
            # "already known", or mined while the answer to an earlier try was lost
            if self._connection.knows(pending.tx_hash):
                return
            if self._is_overtaken(pending, str(error).lower()):
                raise _NonceTakenError from error
            raise self._named_refusal(error) from error

    def _is_overtaken(self, pending: PendingTransaction, refusal: str) -> bool:
        if any(phrase in refusal for phrase in _NONCE_TAKEN):
            return True
        return self._connection.transaction_count(self._account.address, "latest") > pending.nonce

    def _named_refusal(self, error: RpcRefusedError | ContractRevertError) -> Exception:
        if any(phrase in str(error).lower() for phrase in _NO_FUNDS):
            return InsufficientFundsError(
                f"{self._account.address} cannot pay: {error}; fund the account"
            )
        return error

    def _wait(self, pending: PendingTransaction, report: ProgressCallback) -> TxReceipt:
        begun = time.monotonic()
        polls = 0
        while (waited := time.monotonic() - begun) < self._limits.timeout_seconds:
            report(TxProgress("waiting", pending.tx_hash, waited))
            receipt = self._receipt_or_outage(pending.tx_hash)
            if receipt is not None:
                return receipt
            polls += 1
            if polls % _REBROADCAST_EVERY_POLLS == 0:
                self._rebroadcast(pending)
            time.sleep(self._limits.poll_seconds)
        raise TransactionTimeoutError(
            f"transaction {pending.tx_hash} (nonce {pending.nonce}) {self._missing} after "
            f"{self._limits.timeout_seconds:g} s: the chain is congested or stands "
            "still. Calling again resumes it",
            pending.tx_hash,
        )

    @property
    def _missing(self) -> str:
        wanted = self._limits.confirmations
        return "has no receipt" if wanted == 1 else f"has no {wanted} confirmations"

    def _receipt_or_outage(self, tx_hash: str) -> TxReceipt | None:
        try:
            receipt = self._connection.receipt(tx_hash)
            return receipt if receipt is not None and self._is_deep(receipt) else None
        except RpcError:
            # The transaction is out; an endpoint that fails for a moment does not undo it.
            return None

    def _is_deep(self, receipt: TxReceipt) -> bool:
        """Tell whether a transaction has the blocks above it that make it count."""
        if self._limits.confirmations == 1:
            return True
        depth = self._connection.block_number() - int(receipt["blockNumber"]) + 1
        return depth >= self._limits.confirmations

    def _rebroadcast(self, pending: PendingTransaction) -> None:
        try:
            self._resend_lost(pending)
            self._broadcast(pending)
        except ChainError:
            # It went out before; only a receipt or a taken nonce decides its fate.
            return

    def _resend_lost(self, pending: PendingTransaction) -> None:
        account = self._account.address
        resend_lost(self._connection, self._journal, account, pending.nonce)


class _NonceTakenError(Exception):
    """The nonce went to another transaction; this one can never be mined."""


def request_hash(to: str | None, data: bytes, value: int) -> str:
    """Return what names a transaction's request, whatever its nonce and fees: 0x and 64 digits."""
    recipient = "" if to is None else to.lower()
    return "0x" + keccak(f"{recipient}|{value}|".encode() + data).hex()
