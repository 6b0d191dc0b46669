"""An endpoint that is down, slow or wrong: named, harmless, and forgotten once it works."""

import json
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.anvil import running_anvil
from zkfl.chain.errors import (
    NoCodeError,
    RpcBadAnswerError,
    RpcError,
    RpcTimeoutError,
    RpcUnavailableError,
    TransactionTimeoutError,
    WrongChainIdError,
)
from zkfl.chain.transport import RpcLimits
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_client

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Site

Request = dict[str, object]
Forward = Callable[[], bytes]


def down_for(method: str) -> Callable[[Request, Forward], bytes | None]:
    """Answer everything but one kind of request."""
    return lambda request, forward: None if request["method"] == method else forward()


def healthy(_: Request, forward: Forward) -> bytes:
    return forward()


@pytest.mark.parametrize(
    "method", ["eth_call", "eth_estimateGas", "eth_getBalance", "eth_sendRawTransaction"]
)
def test_a_submission_that_was_cut_off_goes_through_once_when_retried(
    proven_site: "Site", proxy: SimpleNamespace, method: str
) -> None:
    node = proven_site.node("bay", proxy.url)
    before = proven_site.sent("bay")
    proof = proven_site.journal("bay").proof()
    proxy.answer = down_for(method)
    with pytest.raises(RpcUnavailableError, match="check that the node runs, the URL"):
        node.submit(1)
    assert proven_site.sent("bay") == before
    proxy.answer = healthy
    assert node.submit(1) is not None
    assert node.submit(1) is None
    assert proven_site.sent("bay") == before + 1
    assert proven_site.journal("bay").proof() == proof
    assert not any(path.name.startswith(".") for path in node.home.root.rglob("*"))


def test_an_answer_lost_after_the_broadcast_is_not_sent_twice(
    proven_site: "Site", proxy: SimpleNamespace
) -> None:
    before = proven_site.sent("bay")
    node = proven_site.node("bay", proxy.url)
    lost: list[bytes] = []

    def lose(request: Request, forward: Forward) -> bytes | None:
        answer = forward()
        if request["method"] == "eth_sendRawTransaction":
            lost.append(answer)
            return None
        return answer

    proxy.answer = lose
    try:
        assert node.submit(1) is not None
    except RpcError:
        proxy.answer = healthy
        node.submit(1)
    assert lost
    assert proven_site.sent("bay") == before + 1
    assert node.registry.participation(1, node.address).submitted


def test_a_chain_that_stands_still_is_a_timeout_that_can_be_resumed(
    proven_site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    before = proven_site.sent("bay")
    node = proven_site.node("bay")
    proven_site.anvil.control("evm_setAutomine", False)  # noqa: FBT003 (anvil's parameter)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(
                "zkfl.chain.sender.time",
                SimpleNamespace(monotonic=iter(range(0, 1000, 20)).__next__, sleep=lambda _: None),
            )
            with pytest.raises(TransactionTimeoutError, match="Calling again resumes it"):
                node.submit(1)
    finally:
        proven_site.anvil.control("evm_setAutomine", True)  # noqa: FBT003 (anvil's parameter)
    proven_site.anvil.control("evm_mine")
    assert proven_site.node("bay").submit(1) is None
    assert proven_site.sent("bay") == before + 1


def test_a_slow_endpoint_is_a_timeout_and_leaves_nothing(
    proven_site: "Site", proxy: SimpleNamespace
) -> None:
    released = threading.Event()
    files = {p: p.read_bytes() for p in proven_site.home("bay").root.rglob("*") if p.is_file()}

    def stall(_: Request, forward: Forward) -> bytes:
        released.wait(60)
        return forward()

    proxy.answer = stall
    try:
        with pytest.raises(RpcTimeoutError, match="overloaded or unreachable"):
            proven_site.node("bay", proxy.url, RpcLimits(timeout_seconds=0.3, retries=0))
    finally:
        released.set()
    left = {p: p.read_bytes() for p in proven_site.home("bay").root.rglob("*") if p.is_file()}
    assert left == files
    proxy.answer = healthy
    assert proven_site.node("bay", proxy.url).submit(1) is not None


def test_another_chain_is_refused_with_both_ids(site: "Site", tmp_path: "Path") -> None:
    home = NodeHome.open(site.home("bay").root)
    with (
        running_anvil(tmp_path / "other.log", chain_id=31_338) as other,
        pytest.raises(WrongChainIdError, match=r"serves chain id 31338, expected 31337.*URL"),
    ):
        open_client(home, other.url, 31_337)


def test_a_chain_that_was_reset_is_refused(site: "Site", tmp_path: "Path") -> None:
    with (
        running_anvil(tmp_path / "reset.log", chain_id=31_337) as other,
        pytest.raises(NoCodeError, match="the chain was reset"),
    ):
        site.node("bay", other.url)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[" * 100_000,
        json.dumps({"jsonrpc": "2.0", "id": 1, "result": "0x"}).encode(),
        json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"deep": [1]}}).encode(),
    ],
    ids=["empty", "html", "brackets", "no data", "another type"],
)
def test_nonsense_from_the_endpoint_is_named_and_nothing_is_sent(
    proven_site: "Site", proxy: SimpleNamespace, answer: bytes
) -> None:
    node = proven_site.node("bay", proxy.url)
    before, stored = proven_site.sent("bay"), proven_site.stored()
    proxy.answer = lambda request, forward: answer if request["method"] == "eth_call" else forward()
    with pytest.raises(RpcBadAnswerError):
        node.submit(1)
    assert (proven_site.sent("bay"), proven_site.stored()) == (before, stored)
