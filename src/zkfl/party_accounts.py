"""A party's chain account: unlocked from its own folder."""

from eth_account.signers.local import LocalAccount

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.keys import load_account, password_from_file
from zkfl.node.home import NodeHome


def open_account(home: NodeHome) -> LocalAccount:
    """Unlock a party's chain key with its password file."""
    return load_account(home.chain_key, password_from_file(home.chain_password))


def open_client(home: NodeHome, rpc_url: str, chain_id: int) -> ChainClient:
    """Return a client that signs with a party's chain key and survives its restarts."""
    return ChainClient(
        rpc_url,
        open_account(home),
        chain_id,
        decoder=error_decoder(),
        journal_folder=home.transactions,
    )
