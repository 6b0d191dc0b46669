"""Errors whose data is wrapped once more, as by Hardhat: reverts are told from the rest."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from eth_abi.abi import encode
from eth_account import Account

from zkfl.chain.client import ChainClient
from zkfl.chain.errors import ContractRevertError, InsufficientFundsError, RpcRefusedError
from zkfl.chain.reverts import error_selector

Make = Callable[..., ChainClient]
TOO_LOW = {"name": "TooLow", "inputs": [{"type": "uint256"}, {"type": "uint256"}]}
REVERT = "0x" + (error_selector(TOO_LOW) + encode(["uint256", "uint256"], [3, 10])).hex()
BARE = "Error: Transaction reverted without a reason string"


@pytest.fixture
def ask(
    proxy: SimpleNamespace, make_client: Make, counter: SimpleNamespace
) -> Callable[[object], None]:
    """Ask an endpoint that answers a call with an error of this data."""

    def run(data: object) -> None:
        error = {"code": -32603, "message": "Error: it failed", "data": data}
        answer = json.dumps({"jsonrpc": "2.0", "id": 1, "error": error}).encode()
        client = make_client(proxy.url)
        proxy.answer = lambda request, forward: (
            answer if request["method"] == "eth_call" else forward()
        )
        client.call(counter.address, counter.abi, "value")

    return run


@pytest.mark.parametrize(
    "data",
    [
        {"message": "reverted with a custom error", "data": REVERT},
        {"message": "reverted with a custom error", "data": {"data": REVERT}},
        {"data": REVERT},
    ],
)
def test_a_revert_is_read_from_within(ask: Callable[[object], None], data: object) -> None:
    with pytest.raises(ContractRevertError, match=r"TooLow\(given=3, least=10\)"):
        ask(data)


def test_a_revert_without_data_is_one_by_its_message(ask: Callable[[object], None]) -> None:
    with pytest.raises(ContractRevertError, match="no revert data"):
        ask({"message": BARE, "data": "0x"})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"message": "Transaction ran out of gas", "data": "0x"}, "Transaction ran out of gas"),
        ({"message": "Nonce too high", "data": None}, "Nonce too high"),
        ({"message": "Nonce too high"}, "Nonce too high"),
        ({"message": "wait", "data": 7}, "wait"),
        ({"message": ["wait"], "data": ""}, "no reason was given"),
        ({}, "no reason was given"),
    ],
)
def test_a_refusal_keeps_the_nodes_words(
    ask: Callable[[object], None], data: object, said: str
) -> None:
    with pytest.raises(RpcRefusedError, match=rf"value\(\) was refused: {said}$"):
        ask(data)


def test_a_long_message_is_cut(ask: Callable[[object], None]) -> None:
    with pytest.raises(RpcRefusedError) as refused:
        ask({"message": "x" * 10_000})
    assert len(str(refused.value)) < 400


def test_either_network_says_when_an_account_cannot_pay(
    proxy: SimpleNamespace, make_client: Make, counter: SimpleNamespace
) -> None:
    rich = b'{"jsonrpc":"2.0","id":1,"result":"0xffffffffffffffffffff"}'
    poor = make_client(proxy.url, account=Account.create())
    proxy.answer = lambda request, forward: (
        rich if request["method"] == "eth_getBalance" else forward()
    )
    with pytest.raises(InsufficientFundsError, match=r"cannot pay: .* fund the account"):
        counter.add(poor, 10)
