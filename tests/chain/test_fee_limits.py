"""An endpoint that lies about fees or gas gets nothing signed."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.fees import GWEI, FeeLimits, FeeLimitsError, Fees, TooExpensiveError, outbid

Make = Callable[..., ChainClient]
Answer = Callable[[dict[str, object], Callable[[], bytes]], bytes]


def lying(method: str, value: object) -> Answer:
    lie = json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode()
    return lambda request, forward: lie if request["method"] == method else forward()


def lying_base_fee(base_fee: int | None) -> Answer:
    def answer(request: dict[str, object], forward: Callable[[], bytes]) -> bytes:
        if request["method"] != "eth_getBlockByNumber":
            return forward()
        block = json.loads(forward())
        del block["result"]["baseFeePerGas"]
        if base_fee is not None:
            block["result"]["baseFeePerGas"] = hex(base_fee)
        return json.dumps(block).encode()

    return answer


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    # a chain of its own: anvil suggests the tips of earlier blocks
    log = tmp_path_factory.mktemp("fees") / "anvil.log"
    with running_anvil(log, chain_id=31_999) as chain:
        yield chain


@pytest.fixture(autouse=True)
def _no_chosen_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZKFL_MAX_FEE_GWEI", raising=False)


def require_unsigned(client: ChainClient) -> None:
    assert client.balance(client.sender) == 100 * 10**18
    assert client.transaction_count(client.sender, "pending") == 0


def test_a_lie_about_the_tip_is_refused_before_signing(
    proxy: SimpleNamespace, make_client: Make
) -> None:
    client = make_client(proxy.url)
    # the whole account for one transfer of 21,000 gas
    proxy.answer = lying("eth_maxPriorityFeePerGas", hex(100 * 10**18 // 30_000))
    with pytest.raises(
        TooExpensiveError,
        match=r"asks for 333333\d+\.\d+ gwei .* limit is 500 gwei, .* set ZKFL_MAX_FEE_GWEI higher",
    ):
        client.send(client.sender, b"")
    require_unsigned(client)


def test_a_lie_about_the_base_fee_is_refused_before_signing(
    proxy: SimpleNamespace, make_client: Make
) -> None:
    client = make_client(proxy.url)
    proxy.answer = lying_base_fee(251 * GWEI)
    with pytest.raises(TooExpensiveError, match=r"asks for [0-9.]+ gwei .* limit is 500 gwei"):
        client.send(client.sender, b"")
    require_unsigned(client)


def test_a_lie_about_the_gas_price_of_a_legacy_chain_is_refused_before_signing(
    proxy: SimpleNamespace, make_client: Make
) -> None:
    client = make_client(proxy.url)
    legacy, price = lying_base_fee(None), lying("eth_gasPrice", hex(500 * GWEI + 1))

    def answer(request: dict[str, object], forward: Callable[[], bytes]) -> bytes:
        return price(request, lambda: legacy(request, forward))

    proxy.answer = answer
    with pytest.raises(TooExpensiveError, match=r"asks for 500\.000000001 gwei"):
        client.send(client.sender, b"")
    require_unsigned(client)


def test_a_lie_about_the_gas_is_refused_before_signing(
    proxy: SimpleNamespace, make_client: Make
) -> None:
    client = make_client(proxy.url)
    proxy.answer = lying("eth_estimateGas", hex(30_000_001))
    with pytest.raises(
        TooExpensiveError, match=r"asks for 30000001 gas .* limit is 30000000, .* higher max_gas"
    ):
        client.send(client.sender, b"")
    require_unsigned(client)


def test_the_margin_on_the_gas_stays_within_the_limit(make_client: Make) -> None:
    client = make_client(fee_limits=FeeLimits(max_fee_per_gas=1_000 * GWEI, max_gas=21_000))
    sent = client.transaction(client.send(client.sender, b"").tx_hash)
    assert sent is not None
    assert sent["gas"] == 21_000


def test_higher_limits_of_the_client_let_it_pass(proxy: SimpleNamespace, make_client: Make) -> None:
    client = make_client(proxy.url, fee_limits=FeeLimits(max_fee_per_gas=700 * GWEI))
    proxy.answer = lying("eth_maxPriorityFeePerGas", hex(600 * GWEI))
    assert client.send(client.sender, b"").gas_used == 21_000


def test_a_higher_limit_of_the_environment_lets_it_pass(
    proxy: SimpleNamespace, make_client: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZKFL_MAX_FEE_GWEI", "700")
    client = make_client(proxy.url)
    proxy.answer = lying("eth_maxPriorityFeePerGas", hex(600 * GWEI))
    assert client.send(client.sender, b"").gas_used == 21_000


def test_a_lower_limit_of_the_environment_holds(
    anvil: Anvil, make_client: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZKFL_MAX_FEE_GWEI", "0.000000001")
    client = make_client(anvil.url)
    with pytest.raises(TooExpensiveError, match="limit is 1e-9 gwei"):
        client.send(client.sender, b"")


@pytest.mark.parametrize(
    ("text", "wei"), [("", 500 * GWEI), ("0", 0), ("1.5", 1_500_000_000), ("1000", 1000 * GWEI)]
)
def test_the_environment_gives_gwei(monkeypatch: pytest.MonkeyPatch, text: str, wei: int) -> None:
    monkeypatch.setenv("ZKFL_MAX_FEE_GWEI", text)
    assert FeeLimits.chosen().max_fee_per_gas == wei


@pytest.mark.parametrize("text", ["-1", "inf", "nan", "1e9", "500 gwei", "1" * 13, "٣"])
def test_an_unreadable_limit_of_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("ZKFL_MAX_FEE_GWEI", text)
    with pytest.raises(FeeLimitsError, match=r"ZKFL_MAX_FEE_GWEI is .* expected gwei"):
        FeeLimits.chosen()


def test_another_transaction_of_a_nonce_offers_more_than_the_first() -> None:
    cheap = Fees(maxFeePerGas=100, maxPriorityFeePerGas=10)
    assert outbid(cheap, 100, 10) == {"maxFeePerGas": 113, "maxPriorityFeePerGas": 12}
    dear = Fees(maxFeePerGas=300, maxPriorityFeePerGas=50)
    assert outbid(dear, 100, 10) == dear
    assert outbid(Fees(gasPrice=100), 100, 100) == {"gasPrice": 113}
