"""A party's account and client do as its settings say."""

import socket
from pathlib import Path

import pytest
from eth_account import Account

from zkfl import party_config
from zkfl.chain.errors import RpcUnavailableError
from zkfl.chain.keys import KeyFileError, write_keystore
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_account, open_client

PASSWORD = "correct horse"  # noqa: S105 - of a key made here
ACCOUNT = Account.create()


@pytest.fixture
def home(tmp_path: Path) -> NodeHome:
    made = NodeHome.create(tmp_path / "site")
    write_keystore(made.chain_key, ACCOUNT, PASSWORD, iterations=1 << 10)
    return made


def settle(home: NodeHome, text: str) -> None:
    path = home.root / party_config.FILE_NAME
    path.write_text(text)
    path.chmod(0o600)


def private(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_by_default_the_password_is_in_a_file_beside_the_key(home: NodeHome) -> None:
    with pytest.raises(KeyFileError, match=r"chain.password cannot be read"):
        open_account(home)
    private(home.chain_password, PASSWORD)
    assert open_account(home).address == ACCOUNT.address


def test_the_password_can_lie_elsewhere(home: NodeHome, tmp_path: Path) -> None:
    path = private(tmp_path / "elsewhere", PASSWORD)
    settle(home, f'password_file = "{path}"')
    assert open_account(home).address == ACCOUNT.address


def test_the_password_can_come_from_the_environment(
    home: NodeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(home, 'password_source = "environment"\npassword_environment = "SITE_PW"')
    with pytest.raises(KeyFileError, match="SITE_PW is not set or empty"):
        open_account(home)
    monkeypatch.setenv("SITE_PW", PASSWORD)
    assert open_account(home).address == ACCOUNT.address


def test_the_password_can_be_asked_for(home: NodeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(home, 'password_source = "prompt"')
    monkeypatch.setattr("zkfl.chain.keys.getpass.getpass", lambda _: PASSWORD)
    assert open_account(home).address == ACCOUNT.address


@pytest.fixture
def closed() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


def test_the_default_endpoint_gives_way_to_the_one_in_the_file(
    home: NodeHome, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zkfl.chain.transport.time.sleep", lambda _: None)
    private(home.chain_password, PASSWORD)
    settle(home, f'rpc_url = "{closed}"')
    with pytest.raises(RpcUnavailableError, match=closed):
        open_client(home, party_config.DEFAULT_RPC_URL, 31_337)


def test_an_endpoint_that_was_named_stays(
    home: NodeHome, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zkfl.chain.transport.time.sleep", lambda _: None)
    private(home.chain_password, PASSWORD)
    settle(home, 'rpc_url = "https://other.invalid"')
    with pytest.raises(RpcUnavailableError, match=closed):
        open_client(home, closed, 31_337)
