import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.chain.anvil import Anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.errors import RpcUnavailableError, TransactionTimeoutError
from zkfl.chain.journal import JournalError
from zkfl.chain.transactions import ReceiptLimits, TxProgress

Make = Callable[..., ChainClient]


def swallow(request: dict[str, object], forward: Callable[[], bytes]) -> bytes | None:
    return None if request["method"] == "eth_sendRawTransaction" else forward()


def test_a_lost_answer_does_not_send_twice(
    proxy: SimpleNamespace, make_client: Make, counter: SimpleNamespace
) -> None:
    lost: list[object] = []

    def lose_answer(request: dict[str, object], forward: Callable[[], bytes]) -> bytes | None:
        answer = forward()
        if request["method"] == "eth_sendRawTransaction" and not lost:
            lost.append(request)
            return None
        return answer

    proxy.answer = lose_answer
    client = make_client(proxy.url)
    counter.add(client, 10)
    assert lost
    assert counter.value() == 10
    assert client.transaction_count(client.sender, "latest") == 1


@pytest.mark.usefixtures("manual_mining")
def test_a_restart_resumes_the_transaction_in_flight(
    anvil: Anvil, make_client: Make, counter: SimpleNamespace, tmp_path: Path
) -> None:
    def mine(step: TxProgress) -> None:
        if step.stage == "waiting":
            anvil.control("evm_mine")

    account = anvil.new_account()
    impatient = make_client(
        account=account, journal_folder=tmp_path, receipt_limits=ReceiptLimits(0.05, 0.01)
    )
    with pytest.raises(TransactionTimeoutError) as timed_out:
        counter.add(impatient, 10)

    restarted = make_client(account=account, journal_folder=tmp_path)
    assert counter.add(restarted, 10, mine).tx_hash == timed_out.value.tx_hash
    assert counter.value() == 10
    assert restarted.transaction_count(account.address, "pending") == 1
    assert not list(tmp_path.glob("*.json"))


def test_a_restart_broadcasts_what_never_went_out(
    proxy: SimpleNamespace, make_client: Make, counter: SimpleNamespace, tmp_path: Path
) -> None:
    proxy.answer = swallow
    cut_off = make_client(proxy.url, journal_folder=tmp_path)
    with pytest.raises(RpcUnavailableError, match="eth_sendRawTransaction"):
        counter.add(cut_off, 10)
    [journal] = tmp_path.iterdir()
    assert journal.stat().st_mode & 0o777 == 0o600
    signed = json.loads(journal.read_text())["tx_hash"]

    restarted = make_client(account=cut_off.account, journal_folder=tmp_path)
    assert counter.add(restarted, 10).tx_hash == signed
    assert counter.value() == 10


def test_another_request_after_a_restart_settles_the_first(
    proxy: SimpleNamespace, make_client: Make, counter: SimpleNamespace, tmp_path: Path
) -> None:
    proxy.answer = swallow
    cut_off = make_client(proxy.url, journal_folder=tmp_path)
    with pytest.raises(RpcUnavailableError):
        counter.add(cut_off, 10)

    restarted = make_client(account=cut_off.account, journal_folder=tmp_path)
    counter.add(restarted, 30)
    assert counter.value() == 40
    assert restarted.transaction_count(restarted.sender, "latest") == 2


def test_an_outage_while_waiting_is_sat_out(
    proxy: SimpleNamespace, make_client: Make, counter: SimpleNamespace
) -> None:
    asked: list[object] = []

    def fail_at_first(request: dict[str, object], forward: Callable[[], bytes]) -> bytes | None:
        if request["method"] == "eth_getTransactionReceipt":
            asked.append(request)
            # the first look comes before the broadcast; then every attempt of one look fails
            return None if 1 < len(asked) < 5 else forward()
        return forward()

    proxy.answer = fail_at_first
    counter.add(make_client(proxy.url), 10)
    assert len(asked) >= 5
    assert counter.value() == 10


def test_a_damaged_journal_stops_sending(
    make_client: Make, counter: SimpleNamespace, tmp_path: Path
) -> None:
    client = make_client(journal_folder=tmp_path)
    genesis = client.genesis_hash()[:8].hex()
    name = f"{client.chain_id}-{genesis}-{client.sender.lower()}.json"
    (tmp_path / name).write_text('{"nonce": 1}')
    with pytest.raises(JournalError, match="no journal of a pending transaction"):
        counter.add(client, 10)
