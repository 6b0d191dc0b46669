"""A client that reads from a bundle, and signs transactions without sending them."""

from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from web3 import Web3

from zkfl.airgap.answering import AnsweringProvider
from zkfl.airgap.errors import AwaitsChainError
from zkfl.airgap.outbox import Outbox
from zkfl.chain.asking import asking
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.connection import Connection
from zkfl.chain.errors import InsufficientFundsError
from zkfl.chain.fees import FeeLimits, estimate_fees, fee_cap, outbid
from zkfl.chain.journal import PendingTransaction
from zkfl.chain.raw_transactions import RawTransaction, read_raw_transaction
from zkfl.chain.sender import TRANSACTION_GAS_CAP, request_hash
from zkfl.chain.transactions import ProgressCallback, ReceiptLimits, TxProgress, TxResult


class CollectingSender:
    """Signs the steps of one run, each for the nonce after the one before.

    Parameters
    ----------
    connection
        Answers from a bundle.
    account
        Signs.
    outbox
        Takes what was signed.
    fee_limits
        The most that a transaction may offer, whatever the bundle says of the chain.
    """

    def __init__(
        self, connection: Connection, account: LocalAccount, outbox: Outbox, fee_limits: FeeLimits
    ) -> None:
        self._connection = connection
        self._account = account
        self._outbox = outbox
        self._fee_limits = fee_limits

    def send(
        self,
        to: str | None,
        data: bytes,
        value: int,
        report: ProgressCallback,
        spare_gas: int = 0,  # noqa: ARG002 - each transaction may take all that one may
    ) -> TxResult:
        """Sign one transaction, or find the one that was signed for this step before.

        Returns
        -------
        TxResult
            Of the block of the bundle, with no logs and no gas used: nothing is mined yet.

        Raises
        ------
        AwaitsChainError
            This run has taken this step already, so it waits for its effect on the chain.
        TooExpensiveError, InsufficientFundsError
            The bundle shows fees above the limits, or too little to pay them.
        """
        request = request_hash(to, data, value)
        if self._outbox.holds(request):
            raise AwaitsChainError("the next step needs what this bundle is to bring to the chain")
        report(TxProgress("estimating"))
        kept = self._outbox.kept()
        earlier = None if kept is None else read_raw_transaction(bytes(HexBytes(kept.raw)))
        if kept is None or earlier is None or not self._fits(kept, earlier, request):
            kept = self._signed(to, data, value, earlier)
        self._outbox.record(kept)
        return TxResult(kept.tx_hash, 0, self._connection.block_number(), ())

    def _fits(self, kept: PendingTransaction, earlier: RawTransaction, request: str) -> bool:
        """Tell whether what was signed before is this step, and not too cheap by now."""
        base_fee = self._connection.w3.eth.get_block("latest").get("baseFeePerGas") or 0
        return kept.request == request and earlier.fee_cap >= base_fee

    def _signed(
        self, to: str | None, data: bytes, value: int, earlier: RawTransaction | None
    ) -> PendingTransaction:
        fields = self._fields(to, data, value, earlier)
        signed = self._account.sign_transaction(fields)
        return PendingTransaction(
            request=request_hash(to, data, value),
            tx_hash="0x" + signed.hash.hex().removeprefix("0x"),
            raw="0x" + signed.raw_transaction.hex().removeprefix("0x"),
            nonce=self._outbox.next_nonce,
            gas=fields["gas"],
        )

    def _fields(
        self, to: str | None, data: bytes, value: int, earlier: RawTransaction | None
    ) -> dict[str, Any]:
        """Return what is signed. Nobody can estimate gas here, so each may take what one may."""
        with asking("the fee estimate", self._connection.decoder):
            fees = estimate_fees(self._connection.w3)
        if earlier is not None:
            # the relay may have sent it
            fees = outbid(fees, earlier.fee_cap, earlier.tip)
        self._fee_limits.require_fee(fees)
        limit = self._connection.block_gas_limit()
        gas = min(TRANSACTION_GAS_CAP, limit, self._fee_limits.max_gas)
        self._require_funds(value + gas * fee_cap(fees))
        fields: dict[str, Any] = {
            "data": HexBytes(data),
            "value": value,
            "chainId": self._connection.chain_id,
            "nonce": self._outbox.next_nonce,
            "gas": gas,
        }
        if to is not None:
            fields["to"] = Web3.to_checksum_address(to)
        return {**fields, **fees}

    def _require_funds(self, needed: int) -> None:
        balance = self._connection.balance(self._account.address)
        if balance < needed:
            raise InsufficientFundsError(
                f"{self._account.address} holds {balance} wei; the network takes no transaction of "
                f"an account with less than it may cost, {needed} wei here, most of which is not "
                "spent: fund the account, and let the relay export again"
            )


class OfflineClient(ChainClient):
    """A chain as a bundle shows it, for one account.

    Parameters
    ----------
    answers
        The bundle's.
    account
        Signs.
    chain_id
        Of the deployment.
    outbox_path
        File of what is signed.
    fee_limits
        The most that a transaction may offer.

    Attributes
    ----------
    outbox
        What this run has signed.
    """

    outbox: Outbox

    def __init__(
        self,
        answers: AnsweringProvider,
        account: LocalAccount,
        chain_id: int,
        outbox_path: Path,
        fee_limits: FeeLimits,
    ) -> None:
        self._outbox_path = outbox_path
        super().__init__(answers, account, chain_id, decoder=error_decoder(), fee_limits=fee_limits)

    def _open_sender(
        self,
        limits: ReceiptLimits,  # noqa: ARG002 - nothing here waits
        fee_limits: FeeLimits,
        folder: Path | None,  # noqa: ARG002 - the outbox is the journal
    ) -> CollectingSender | None:
        if self.account is None:
            return None
        first = self.transaction_count(self.account.address, "latest")
        self.outbox = Outbox(self._outbox_path, first)
        return CollectingSender(self, self.account, self.outbox, fee_limits)
