"""A party's chain account: unlocked from its own folder."""

from eth_account.signers.local import LocalAccount

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.keys import load_account, password_from_file
from zkfl.node.home import NodeHome


def open_account(home: NodeHome) -> LocalAccount:
    """Unlock a party's chain key with its password file."""
    return load_account(home.chain_key, password_from_file(home.chain_password))


def open_next_account(home: NodeHome) -> LocalAccount:
    """Unlock the chain key that is to replace a party's present one."""
    return load_account(home.next_chain_key, password_from_file(home.next_chain_password))


def open_client(
    home: NodeHome, rpc_url: str, chain_id: int, account: LocalAccount | None = None
) -> ChainClient:
    """Return a client that signs with a party's chain key and survives its restarts.

    Parameters
    ----------
    account
        Another key of the party; the one in its folder if None.
    """
    return ChainClient(
        rpc_url,
        account or open_account(home),
        chain_id,
        decoder=error_decoder(),
        journal_folder=home.transactions,
    )
