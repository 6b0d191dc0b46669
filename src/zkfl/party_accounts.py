"""A party's chain account: unlocked from its own folder."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from eth_account.signers.local import LocalAccount

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.fees import GWEI, FeeLimits
from zkfl.chain.keys import (
    PasswordSource,
    load_account,
    password_from_environment,
    password_from_file,
    password_from_prompt,
)
from zkfl.chain.transactions import ReceiptLimits
from zkfl.node.home import NodeHome
from zkfl.party_config import DEFAULT_RPC_URL, PartyConfig, load_settings


def open_account(home: NodeHome) -> LocalAccount:
    """Unlock a party's chain key with the password that its settings name."""
    return load_account(home.chain_key, _password(home, load_settings(home.root).config))


def passwords_of(home: NodeHome) -> Iterator[str]:
    """Yield the password of a party's chain key; while that is exchanged, the next one too.

    Secrets beside the chain key are kept under its password. A move to the next chain key that was
    cut short leaves some under the next one's.
    """
    yield _password(home, load_settings(home.root).config)()
    if home.next_chain_password.exists():
        yield password_from_file(home.next_chain_password)()


def _password(home: NodeHome, config: PartyConfig) -> PasswordSource:
    if config.password_environment and config.password_source == "environment":  # noqa: S105
        return password_from_environment(config.password_environment)
    if config.password_source == "prompt":  # noqa: S105 - a place, as above
        return lambda: _asked(home.chain_key)
    return password_from_file(home.root / config.password_file)


@cache
def _asked(chain_key: Path) -> str:
    """Ask once a process: several files are kept under one password."""
    return password_from_prompt(f"Password of {chain_key}: ")()


def open_next_account(home: NodeHome) -> LocalAccount:
    """Unlock the chain key that is to replace a party's present one."""
    return load_account(home.next_chain_key, password_from_file(home.next_chain_password))


def open_client(
    home: NodeHome, rpc_url: str, chain_id: int, account: LocalAccount | None = None
) -> ChainClient:
    """Return a client that signs with a party's chain key and survives its restarts.

    Parameters
    ----------
    rpc_url
        Of the chain; where it is the default and was not given on the command line, the party's
        settings may name another.
    account
        Another key of the party; the one in its folder if None.
    """
    config = load_settings(home.root).config
    return ChainClient(
        _endpoint(config, rpc_url),
        account or open_account(home),
        chain_id,
        decoder=error_decoder(),
        journal_folder=home.transactions,
        fee_limits=FeeLimits(max_fee_per_gas=int(config.max_fee_gwei * GWEI)),
        receipt_limits=ReceiptLimits(confirmations=config.confirmations),
    )


def open_reading_client(home: NodeHome, rpc_url: str, chain_id: int) -> ChainClient:
    """Return a client that can only read, at a party's endpoint; no key is unlocked."""
    url = _endpoint(load_settings(home.root).config, rpc_url)
    return ChainClient(url, None, chain_id, decoder=error_decoder())


def _endpoint(config: PartyConfig, rpc_url: str) -> str:
    return config.rpc_url if rpc_url == DEFAULT_RPC_URL else rpc_url
