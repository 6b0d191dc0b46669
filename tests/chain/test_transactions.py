from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from eth_account import Account

from zkfl.chain.anvil import Anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.errors import (
    ContractRevertError,
    InsufficientFundsError,
    RpcRefusedError,
    TransactionTimeoutError,
)
from zkfl.chain.events import EventReader
from zkfl.chain.transactions import ReceiptLimits, TxProgress

Make = Callable[..., ChainClient]


def test_a_transaction_reports_its_progress_gas_and_logs(
    client: ChainClient, counter: SimpleNamespace
) -> None:
    seen: list[TxProgress] = []
    result = counter.add(client, 10, seen.append)
    stages = [step.stage for step in seen if step.stage != "waiting"]
    assert stages == ["estimating", "broadcasting", "mined"]
    assert seen[-1].tx_hash == result.tx_hash
    assert 21_000 < result.gas_used < 100_000
    [event] = EventReader(client, counter.address, counter.abi).decode(result.logs)
    assert event.name == "Counted"
    assert event.values["by"] == client.sender
    assert event.values["point"] == {"x": 10, "y": 2}
    assert event.tx_hash == result.tx_hash


def test_events_are_read_over_a_range_and_by_name(
    client: ChainClient, counter: SimpleNamespace
) -> None:
    for amount in (10, 11):
        counter.add(client, amount)
    reader = EventReader(client, counter.address, counter.abi)
    assert [event.values["value"] for event in reader.read()] == [10, 21]
    assert reader.read(names=["Other"]) == []


def test_a_nonce_taken_by_another_process_is_replaced(
    anvil: Anvil, make_client: Make, counter: SimpleNamespace
) -> None:
    account = anvil.new_account()
    ours, theirs = make_client(account=account), make_client(account=account)
    interfered: list[TxProgress] = []

    def interfere(step: TxProgress) -> None:
        # signed, not yet broadcast: the other process is faster
        if step.stage == "broadcasting" and not interfered:
            interfered.append(step)
            counter.add(theirs, 30)

    result = counter.add(ours, 10, interfere)
    assert result.tx_hash != interfered[0].tx_hash
    assert counter.value() == 40


@pytest.mark.usefixtures("manual_mining")
def test_a_mined_failure_names_the_contracts_error(
    anvil: Anvil, make_client: Make, counter: SimpleNamespace
) -> None:
    locker = make_client(receipt_limits=ReceiptLimits(0.05, 0.01))

    def lock_first(step: TxProgress) -> None:
        if step.stage == "broadcasting":
            with pytest.raises(TransactionTimeoutError):
                locker.transact(counter.address, counter.abi, "lock")
        if step.stage == "waiting":
            anvil.control("evm_mine")

    with pytest.raises(ContractRevertError) as refused:
        counter.add(make_client(), 10, lock_first)
    assert refused.value.name == "Locked"
    assert refused.value.values == {"by": locker.sender}
    assert str(refused.value.tx_hash) in str(refused.value)


def test_a_refused_call_is_not_sent(client: ChainClient, counter: SimpleNamespace) -> None:
    before = client.transaction_count(client.sender, "pending")
    with pytest.raises(ContractRevertError, match=r"TooLow\(given=9, least=10\)") as refused:
        counter.add(client, 9)
    assert refused.value.tx_hash is None
    assert client.transaction_count(client.sender, "pending") == before


def test_an_account_without_funds_is_refused(make_client: Make, counter: SimpleNamespace) -> None:
    with pytest.raises(InsufficientFundsError, match="fund the account"):
        counter.add(make_client(account=Account.create()), 10)


def test_a_refusal_of_the_endpoint_is_named(
    proxy: SimpleNamespace, make_client: Make, counter: SimpleNamespace
) -> None:
    refusal = b'{"jsonrpc":"2.0","id":0,"error":{"code":-32005,"message":"limit exceeded"}}'

    def refuse(request: dict[str, object], forward: Callable[[], bytes]) -> bytes:
        return refusal if request["method"] == "eth_estimateGas" else forward()

    proxy.answer = refuse
    with pytest.raises(RpcRefusedError, match="limit exceeded") as refused:
        counter.add(make_client(proxy.url), 10)
    assert refused.value.code == -32005


def test_a_transaction_waits_for_its_confirmations(
    anvil: Anvil, make_client: Make, counter: SimpleNamespace
) -> None:
    patient = make_client(receipt_limits=ReceiptLimits(30, 0.01, confirmations=3))
    depths: list[int] = []

    def mine(step: TxProgress) -> None:
        if step.stage == "waiting" and patient.receipt(str(step.tx_hash)) is not None:
            depths.append(patient.block_number())
            anvil.control("evm_mine")

    result = counter.add(patient, 10, mine)
    assert patient.block_number() == result.block_number + 2
    assert depths == [result.block_number, result.block_number + 1]


def test_a_transaction_that_is_not_confirmed_in_time_is_resumed_and_sent_once(
    anvil: Anvil, make_client: Make, counter: SimpleNamespace, tmp_path: Path
) -> None:
    account = anvil.new_account()
    limits = ReceiptLimits(0.3, 0.01, confirmations=2)
    words = {"account": account, "receipt_limits": limits, "journal_folder": tmp_path}
    with pytest.raises(TransactionTimeoutError, match="has no 2 confirmations after"):
        counter.add(make_client(**words), 10)
    anvil.control("evm_mine")
    again = make_client(**words)
    counter.add(again, 10)
    assert again.transaction_count(account.address, "latest") == 1
