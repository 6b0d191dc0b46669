"""Signed transactions of somebody else: checked, tried, broadcast one after another."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from eth_typing import HexStr
from hexbytes import HexBytes
from web3.types import TxParams, TxReceipt

from zkfl.airgap.calls import CallNames
from zkfl.airgap.errors import BundleRefusedError
from zkfl.chain.asking import asking
from zkfl.chain.client import ChainClient
from zkfl.chain.errors import (
    ChainError,
    ContractRevertError,
    RpcRefusedError,
    TransactionTimeoutError,
)
from zkfl.chain.journal import PendingTransaction
from zkfl.chain.raw_transactions import RawTransaction
from zkfl.chain.registry import Registry
from zkfl.chain.replay import mined_failure
from zkfl.chain.sender import request_hash
from zkfl.chain.transactions import ReceiptLimits


@dataclass(frozen=True)
class Outcome:
    """What became of a transaction.

    Attributes
    ----------
    call
        Name of the registry's function.
    state
        ``mined`` now, ``mined before``, ``refused`` by the contract (nothing was sent, or it was
        mined and failed), or ``not sent``, since one before it was refused.
    detail
        The contract's reason, else nothing.
    """

    call: str
    tx_hash: str
    nonce: int
    state: str
    gas_used: int = 0
    block_number: int | None = None
    detail: str = ""


class Broadcaster:
    """Brings a member's transactions to the chain.

    Parameters
    ----------
    registry
        Over a client that only reads.
    member
        Who must have signed.
    limits
        How long to wait for each receipt.
    """

    def __init__(self, registry: Registry, member: str, limits: ReceiptLimits) -> None:
        self._registry = registry
        self._client: ChainClient = registry.client
        self._member = member
        self._limits = limits
        self._names = CallNames(registry.abi)

    def require_fit(self, transactions: Sequence[RawTransaction]) -> None:
        """Check that all are the member's calls of the registry, one nonce after another.

        Raises
        ------
        BundleRefusedError
            One is something else, or one before them is missing.
        """
        for transaction in transactions:
            self._require_call(transaction)
        nonces = [transaction.nonce for transaction in transactions]
        if not nonces:
            return
        if nonces != list(range(nonces[0], nonces[0] + len(nonces))):
            raise BundleRefusedError(f"the transactions have nonces {nonces}, not consecutive ones")
        expected = self._client.transaction_count(self._member, "latest")
        if nonces[0] > expected:
            raise BundleRefusedError(
                f"the bundle begins with nonce {nonces[0]}, the next one of {self._member} is "
                f"{expected}: it was made on an endpoint's word that does not hold here, or the "
                "chain lost blocks; export again, and let the node sign anew"
            )

    def bring(
        self, transactions: Sequence[RawTransaction], report: Callable[[str], None]
    ) -> list[Outcome]:
        """Broadcast and wait for each; nothing is sent after one that is refused.

        Raises
        ------
        TransactionTimeoutError
            One is sent and not mined in time; the command can be repeated.
        RpcError
            The endpoint is not in order.
        """
        outcomes: list[Outcome] = []
        for transaction in transactions:
            if outcomes and outcomes[-1].state in {"refused", "not sent"}:
                outcomes.append(self._outcome(transaction, "not sent"))
                continue
            report(f"{self._called(transaction)}, nonce {transaction.nonce}")
            outcomes.append(self._bring(transaction))
        return outcomes

    def _require_call(self, transaction: RawTransaction) -> None:
        registry = self._registry.address
        wrong = {
            f"signed by {transaction.signer}": transaction.signer != self._member,
            f"for chain {transaction.chain_id}": transaction.chain_id != self._client.chain_id,
            f"sent to {transaction.to}": transaction.to != registry,
            f"with {transaction.value} wei": transaction.value != 0,
            "no call that the registry has": self._called(transaction) == "",
        }
        if any(wrong.values()):
            named = ", ".join(text for text, is_wrong in wrong.items() if is_wrong)
            raise BundleRefusedError(
                f"transaction {transaction.tx_hash} is {named}: this relay brings calls of the "
                f"registry {registry} by {self._member}, and nothing else; nothing was sent"
            )

    def _bring(self, transaction: RawTransaction) -> Outcome:
        receipt = self._client.receipt(transaction.tx_hash)
        if receipt is not None:
            return self._mined(transaction, receipt, "mined before")
        if self._client.transaction_count(self._member, "latest") > transaction.nonce:
            return self._outcome(
                transaction, "refused", detail="another transaction took its nonce: export again"
            )
        try:
            self._try(transaction)
            self._send(transaction)
        except (ContractRevertError, RpcRefusedError) as error:
            return self._outcome(transaction, "refused", detail=str(error))
        return self._mined(transaction, self._wait(transaction), "mined")

    def _try(self, transaction: RawTransaction) -> None:
        """Run it on the latest state, so that a call that would fail costs its member nothing."""
        if self._client.knows(transaction.tx_hash):
            return
        call: TxParams = {
            "from": cast("Any", transaction.signer),
            "to": cast("Any", transaction.to),
            "data": HexBytes(transaction.data),
            "gas": transaction.gas,
        }
        with asking("eth_call", self._client.decoder):
            self._client.w3.eth.call(call)

    def _send(self, transaction: RawTransaction) -> None:
        try:
            with asking("eth_sendRawTransaction", self._client.decoder):
                self._client.w3.eth.send_raw_transaction(HexStr("0x" + transaction.raw.hex()))
        except RpcRefusedError:
            # "already known"
            if not self._client.knows(transaction.tx_hash):
                raise

    def _wait(self, transaction: RawTransaction) -> TxReceipt:
        begun = time.monotonic()
        while time.monotonic() - begun < self._limits.timeout_seconds:
            receipt = self._client.receipt(transaction.tx_hash)
            if receipt is not None:
                return receipt
            time.sleep(self._limits.poll_seconds)
        raise TransactionTimeoutError(
            f"transaction {transaction.tx_hash} (nonce {transaction.nonce}) has no receipt after "
            f"{self._limits.timeout_seconds:g} s: import the bundle again to wait for it. If fees "
            "have risen above what it offers, export again: the node then signs it anew",
            transaction.tx_hash,
        )

    def _mined(self, transaction: RawTransaction, receipt: TxReceipt, state: str) -> Outcome:
        failure: ChainError | None = None
        if receipt["status"] != 1:
            pending = PendingTransaction(
                request=request_hash(transaction.to, transaction.data, transaction.value),
                tx_hash=transaction.tx_hash,
                raw="0x" + transaction.raw.hex(),
                nonce=transaction.nonce,
                gas=transaction.gas,
            )
            failure = mined_failure(self._client, pending, receipt)
        return Outcome(
            call=self._called(transaction),
            tx_hash=transaction.tx_hash,
            nonce=transaction.nonce,
            state=state if failure is None else "refused",
            gas_used=int(receipt["gasUsed"]),
            block_number=int(receipt["blockNumber"]),
            detail="" if failure is None else str(failure),
        )

    def _outcome(self, transaction: RawTransaction, state: str, detail: str = "") -> Outcome:
        call = self._called(transaction)
        return Outcome(call, transaction.tx_hash, transaction.nonce, state, detail=detail)

    def _called(self, transaction: RawTransaction) -> str:
        return self._names.of(transaction.data) or ""
