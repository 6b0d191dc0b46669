"""The life of a transaction, in plain values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from web3.types import LogReceipt, TxReceipt

Stage = Literal["estimating", "broadcasting", "waiting", "mined"]


@dataclass(frozen=True)
class TxProgress:
    """How far a transaction has come.

    Attributes
    ----------
    stage
        The step that begins; ``waiting`` comes once a poll.
    tx_hash
        None before signing.
    waited_seconds
        Since the first broadcast.
    """

    stage: Stage
    tx_hash: str | None = None
    waited_seconds: float = 0.0


ProgressCallback = Callable[[TxProgress], None]


@dataclass(frozen=True)
class TxResult:
    """A transaction that was mined and did not fail.

    Attributes
    ----------
    tx_hash
        0x and 64 hexadecimal digits.
    gas_used, block_number
        From the receipt.
    logs
        Raw logs in order.
    contract_address
        Checksummed; None unless the transaction created a contract.
    """

    tx_hash: str
    gas_used: int
    block_number: int
    logs: tuple[LogReceipt, ...]
    contract_address: str | None = None


@dataclass(frozen=True)
class ReceiptLimits:
    """How long to wait for a receipt.

    Attributes
    ----------
    timeout_seconds
        From the first broadcast.
    poll_seconds
        Between two looks.
    confirmations
        Blocks, the transaction's own included, before it counts as mined.
    """

    timeout_seconds: float = 180.0
    poll_seconds: float = 0.25
    confirmations: int = 1


def result_of(tx_hash: str, receipt: TxReceipt) -> TxResult:
    """Return a receipt's fields."""
    created = receipt.get("contractAddress")
    return TxResult(
        tx_hash=tx_hash,
        gas_used=int(receipt["gasUsed"]),
        block_number=int(receipt["blockNumber"]),
        logs=tuple(receipt["logs"]),
        contract_address=None if created is None else str(created),
    )
