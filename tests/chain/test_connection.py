import socket
import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from zkfl.chain import transport
from zkfl.chain.anvil import Anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.errors import (
    NoAccountError,
    NoCodeError,
    RpcBadAnswerError,
    RpcTimeoutError,
    RpcUnavailableError,
    WrongChainIdError,
)
from zkfl.chain.transport import RpcLimits

QUICK = RpcLimits(timeout_seconds=0.3, retries=1, backoff_seconds=0.01)


def test_a_healthy_endpoint_is_accepted(client: ChainClient) -> None:
    assert client.check_connection() >= 0
    assert client.balance(client.sender) == 100 * 10**18


def test_a_wrong_chain_id_is_refused_with_both_ids(anvil: Anvil) -> None:
    with pytest.raises(WrongChainIdError) as refused:
        ChainClient(anvil.url, None, 1)
    assert (refused.value.expected, refused.value.actual) == (1, anvil.chain_id)


def test_a_closed_port_is_reported_as_unavailable(anvil: Anvil) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(RpcUnavailableError, match=f"http://127.0.0.1:{port}"):
        ChainClient(f"http://127.0.0.1:{port}/", None, anvil.chain_id, rpc_limits=QUICK)


def test_a_key_in_the_url_is_not_shown() -> None:
    with pytest.raises(RpcUnavailableError) as refused:
        ChainClient("http://user:secret@127.0.0.1:1/v3/key", None, 1, rpc_limits=QUICK)
    assert "secret" not in str(refused.value)
    assert "key" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "ws://127.0.0.1:8545", "file:///etc/passwd", "http://h:x"])
def test_a_url_that_is_not_http_is_refused(url: str) -> None:
    with pytest.raises(RpcUnavailableError, match="the RPC URL"):
        ChainClient(url, None, 1)


def test_a_slow_endpoint_is_reported_as_timeout(
    proxy: SimpleNamespace, make_client: Callable[..., ChainClient]
) -> None:
    released = threading.Event()

    def wait(_: object, forward: Callable[[], bytes]) -> bytes:
        released.wait(30)
        return forward()

    proxy.answer = wait
    try:
        with pytest.raises(RpcTimeoutError, match=r"eth_chainId within 0\.3 s"):
            make_client(proxy.url, rpc_limits=QUICK)
    finally:
        released.set()


def test_one_lost_connection_is_retried(
    proxy: SimpleNamespace, make_client: Callable[..., ChainClient]
) -> None:
    asked: list[object] = []

    def lose_first(request: dict[str, object], forward: Callable[[], bytes]) -> bytes | None:
        asked.append(request["method"])
        return None if len(asked) == 1 else forward()

    proxy.answer = lose_first
    make_client(proxy.url, account=None)
    assert asked[:2] == ["eth_chainId", "eth_chainId"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"<html>welcome</html>",
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"jsonrpc":"2.0","id":0}',
        b'{"jsonrpc":"2.0","id":0,"result":"zebra"}',
        b'{"jsonrpc":"2.0","id":0,"result":null}',
        b'{"jsonrpc":"2.0","id":0,"result":{"a":1}}',
        b'{"jsonrpc":"2.0","id":0,"error":7}',
        b"[" * 100_000,
    ],
)
def test_garbage_is_reported_as_bad_answer(
    garbage: bytes, proxy: SimpleNamespace, make_client: Callable[..., ChainClient]
) -> None:
    proxy.answer = lambda *_: garbage
    with pytest.raises(RpcBadAnswerError):
        make_client(proxy.url, account=None)


def test_an_oversize_answer_is_cut_off(
    proxy: SimpleNamespace, make_client: Callable[..., ChainClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_RESPONSE_BYTES", 1000)
    proxy.answer = lambda *_: b" " * 2000
    with pytest.raises(RpcBadAnswerError, match="more than 1000 bytes"):
        make_client(proxy.url, account=None)


def test_a_reader_cannot_send(make_client: Callable[..., ChainClient]) -> None:
    with pytest.raises(NoAccountError):
        make_client(account=None).send(None, b"")


def test_an_address_without_code_is_refused(client: ChainClient) -> None:
    with pytest.raises(NoCodeError, match="holds no code"):
        client.require_code(client.sender)
