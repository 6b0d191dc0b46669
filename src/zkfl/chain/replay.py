"""Why a mined transaction failed: it is run again on the state around its block."""

from eth_typing import HexStr
from web3.types import TxParams, TxReceipt

from zkfl.chain.asking import asking
from zkfl.chain.connection import Connection
from zkfl.chain.errors import (
    ChainError,
    ContractRevertError,
    RpcError,
    TransactionFailedError,
)
from zkfl.chain.journal import PendingTransaction


def mined_failure(
    connection: Connection, pending: PendingTransaction, receipt: TxReceipt
) -> ChainError:
    """Return the contract's error, or `TransactionFailedError` where it does not come again."""
    revert = _replay(connection, pending.tx_hash, receipt)
    if revert is not None:
        return ContractRevertError(revert.name, revert.values, revert.rendered, pending.tx_hash)
    out_of_gas = int(receipt["gasUsed"]) >= pending.gas
    why = "it ran out of gas" if out_of_gas else "its replay does not fail"
    return TransactionFailedError(
        f"transaction {pending.tx_hash} was mined in block {receipt['blockNumber']} and "
        f"failed ({why}); nothing changed on the chain",
        pending.tx_hash,
    )


def _replay(connection: Connection, tx_hash: str, receipt: TxReceipt) -> ContractRevertError | None:
    """Run a failed transaction again, on its block's state, then on its parent's."""
    with asking("eth_getTransactionByHash", connection.decoder):
        mined = connection.w3.eth.get_transaction(HexStr(tx_hash))
    replayed: TxParams = {"from": mined["from"], "data": mined["input"], "gas": mined["gas"]}
    if mined.get("to"):
        replayed["to"] = mined["to"]
    for block in (receipt["blockNumber"], receipt["blockNumber"] - 1):
        try:
            with asking("eth_call", connection.decoder):
                connection.w3.eth.call(replayed, block)
        except ContractRevertError as error:
            return error
        except RpcError:
            continue
    return None
