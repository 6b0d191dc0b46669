"""Requests leave the machine over TLS, or not at all."""

import pytest

from zkfl.chain.client import ChainClient
from zkfl.chain.errors import RpcUnavailableError
from zkfl.chain.transport import CheckedHTTPProvider, PlainHttpError, RpcLimits, require_private

ONCE = RpcLimits(timeout_seconds=0.3, retries=0)


@pytest.fixture(autouse=True)
def _nothing_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZKFL_ALLOW_PLAIN_HTTP", raising=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://chain.example:8545",
        "http://192.0.2.1:8545/v3/key",
        "http://127.0.0.1.chain.example",
        "http://localhost.chain.example",
        "http://localhost@chain.example",
        "http://[2001:db8::1]:8545",
        "http://0.0.0.0:8545",
        "HTTP://CHAIN.EXAMPLE",
    ],
)
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    with pytest.raises(PlainHttpError, match="use https or a tunnel") as refused:
        CheckedHTTPProvider(url, ONCE)
    assert "ZKFL_ALLOW_PLAIN_HTTP=1" in str(refused.value)
    assert "key" not in str(refused.value)


def test_a_client_sends_nothing_before_the_check() -> None:
    with pytest.raises(PlainHttpError, match=r"http://192\.0\.2\.1:8545 is plain HTTP"):
        ChainClient("http://192.0.2.1:8545", None, 1, rpc_limits=ONCE)


@pytest.mark.parametrize(
    "url",
    [
        "https://chain.example",
        "https://192.0.2.1:8545",
        "http://localhost:8545",
        "http://LOCALHOST:8545",
        "http://127.0.0.1:8545",
        "http://127.1.2.3:8545",
        "http://[::1]:8545",
    ],
)
def test_tls_and_this_machine_are_accepted(url: str) -> None:
    require_private(url)


def test_plain_http_is_accepted_where_it_was_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKFL_ALLOW_PLAIN_HTTP", "1")
    require_private("http://chain.example:8545")


@pytest.mark.parametrize("value", ["", "0", "yes", "true"])
def test_only_one_value_allows_plain_http(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ZKFL_ALLOW_PLAIN_HTTP", value)
    with pytest.raises(PlainHttpError, match="is plain HTTP to another machine"):
        require_private("http://chain.example:8545")


def test_what_is_no_url_of_http_is_refused_first() -> None:
    with pytest.raises(RpcUnavailableError, match="the RPC URL"):
        require_private("ws://chain.example")
