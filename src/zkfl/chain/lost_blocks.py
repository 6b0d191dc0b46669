"""Transactions whose blocks the chain has lost are sent again.

A transaction in flight cannot be mined before all earlier ones of its account. Nodes of a
network put those of undone blocks back among the waiting ones; a node that lost its memory
with its blocks does not, and only the sender still has them.
"""

from contextlib import suppress

from eth_typing import HexStr

from zkfl.chain.asking import asking
from zkfl.chain.connection import Connection
from zkfl.chain.errors import ContractRevertError, RpcRefusedError
from zkfl.chain.journal import Journal


def resend_lost(connection: Connection, journal: Journal, account: str, before: int) -> None:
    """Broadcast the journal's transactions that the chain needs before a nonce, as they were.

    They are the same bytes: a chain that has one of them takes it no second time. One that is
    refused is left out, since what comes after it shows whether it was needed.

    Parameters
    ----------
    journal
        Of the account.
    before
        Nonce of the transaction in flight.

    Raises
    ------
    JournalError
        A kept transaction is damaged.
    RpcError
        The endpoint is not in order.
    """
    first = connection.transaction_count(account, "latest")
    for lost in journal.mined(first, before):
        if connection.knows(lost.tx_hash):
            continue
        with (
            suppress(RpcRefusedError, ContractRevertError),
            asking("eth_sendRawTransaction", connection.decoder),
        ):
            connection.w3.eth.send_raw_transaction(HexStr(lost.raw))
