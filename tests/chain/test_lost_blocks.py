"""The chain loses blocks of an account while its last transaction is in flight."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.artefacts import Artefact
from zkfl.chain.client import ChainClient
from zkfl.chain.errors import RpcUnavailableError
from zkfl.chain.journal import KEPT, Journal, JournalError, PendingTransaction
from zkfl.chain.reverts import RevertDecoder
from zkfl.chain.transactions import ReceiptLimits, TxProgress

Make = Callable[..., ChainClient]


def cut_off_after_two(
    proxy: SimpleNamespace, make: Make, counter: SimpleNamespace, folder: Path
) -> ChainClient:
    """Return a client with two mined transactions and one that is signed and never sent."""
    client = make(proxy.url, journal_folder=folder)
    counter.add(client, 10)
    counter.add(client, 20)
    proxy.answer = lambda request, forward: (
        None if request["method"] == "eth_sendRawTransaction" else forward()
    )
    with pytest.raises(RpcUnavailableError):
        counter.add(client, 40)
    return client


@pytest.fixture
def restarted(
    anvil: Anvil,
    proxy: SimpleNamespace,
    make_client: Make,
    counter: SimpleNamespace,
    tmp_path: Path,
) -> ChainClient:
    """Return the client of an account whose blocks the chain has lost."""
    account = anvil.new_account()
    before = anvil.control("evm_snapshot")
    cut_off_after_two(proxy, partial(make_client, account=account), counter, tmp_path)
    anvil.control("evm_revert", before)
    return make_client(account=account, journal_folder=tmp_path)


@pytest.fixture
def reorganising(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    """A chain that can lose its latest blocks while it runs."""
    log = tmp_path_factory.mktemp("reorganising") / "anvil.log"
    with running_anvil(log, chain_id=31_999) as chain:
        yield chain


def test_a_restart_sends_again_what_the_chain_lost(
    restarted: ChainClient, counter: SimpleNamespace, tmp_path: Path
) -> None:
    assert counter.value() == 0
    counter.add(restarted, 40)
    assert counter.value() == 10 + 20 + 40
    assert restarted.transaction_count(restarted.sender, "latest") == 3
    assert not list(tmp_path.glob("*.json"))


def test_another_request_goes_on_after_what_the_chain_lost(
    restarted: ChainClient, counter: SimpleNamespace
) -> None:
    counter.add(restarted, 80)
    assert counter.value() == 10 + 20 + 40 + 80
    assert restarted.transaction_count(restarted.sender, "latest") == 4


@pytest.mark.parametrize("kept_on_disk", [True, False])
def test_blocks_undone_while_it_waits_are_filled_in(
    reorganising: Anvil, counter_artefact: Artefact, tmp_path: Path, *, kept_on_disk: bool
) -> None:
    client = ChainClient(
        reorganising.url,
        reorganising.new_account(),
        reorganising.chain_id,
        receipt_limits=ReceiptLimits(30, 0.01),
        decoder=RevertDecoder([counter_artefact.abi]),
        journal_folder=tmp_path if kept_on_disk else None,
    )
    abi = counter_artefact.abi
    address = str(client.deploy(abi, counter_artefact.bytecode()).contract_address)
    for amount in (10, 20):
        client.transact(address, abi, "add", amount)
    reorganising.control("evm_setAutomine", False)  # noqa: FBT003 (anvil's parameter)
    undone: list[TxProgress] = []

    def undo_two_blocks(step: TxProgress) -> None:
        if step.stage != "waiting":
            return
        if not undone:
            undone.append(step)
            reorganising.control("anvil_reorg", 2, [])
            assert client.transaction_count(client.sender, "latest") == 1
        reorganising.control("evm_mine")

    result = client.transact(address, abi, "add", 40, on_progress=undo_two_blocks)
    assert undone
    assert result.tx_hash == undone[0].tx_hash
    assert client.call(address, abi, "value") == 10 + 20 + 40
    assert client.transaction_count(client.sender, "latest") == 4


def test_a_lying_endpoint_gets_nothing_but_what_was_mined_before(
    proxy: SimpleNamespace, make_client: Make, counter: SimpleNamespace, tmp_path: Path
) -> None:
    client = cut_off_after_two(proxy, make_client, counter, tmp_path)
    sent: list[object] = []

    def lie(request: dict[str, object], forward: Callable[[], bytes]) -> bytes:
        if request["method"] == "eth_getTransactionCount":
            return b'{"jsonrpc":"2.0","id":1,"result":"0x0"}'
        if request["method"] == "eth_getTransactionByHash":
            return b'{"jsonrpc":"2.0","id":1,"result":null}'
        if request["method"] == "eth_sendRawTransaction":
            sent.extend(request["params"])  # type: ignore[arg-type]
        return forward()

    kept = {json.loads(path.read_text())["raw"] for path in tmp_path.rglob("*.json")}
    proxy.answer = lie
    counter.add(make_client(proxy.url, account=client.account, journal_folder=tmp_path), 40)
    assert set(sent) == kept
    assert counter.value() == 10 + 20 + 40


def transaction(nonce: int) -> PendingTransaction:
    digest = f"0x{nonce:064x}"
    return PendingTransaction(request=digest, tx_hash=digest, raw="0xab", nonce=nonce, gas=21_000)


def journal_in(folder: Path | None) -> Journal:
    return Journal(folder, 1, b"12345678", "0xAB")


@pytest.mark.parametrize("on_disk", [True, False])
def test_the_last_mined_ones_are_kept_in_order(tmp_path: Path, *, on_disk: bool) -> None:
    journal = journal_in(tmp_path if on_disk else None)
    for nonce in range(KEPT + 5):
        journal.record(transaction(nonce))
        journal.settle(transaction(nonce))
        assert journal.pending() is None
    if on_disk:
        journal = journal_in(tmp_path)
        assert len(list((tmp_path / "mined").iterdir())) == KEPT
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.rglob("*.json"))
    kept = [t.nonce for t in journal.mined(0, KEPT + 5)]
    assert kept == list(range(5, KEPT + 5))
    assert [t.nonce for t in journal.mined(7, 9)] == [7, 8]
    assert not list(journal.mined(9, 7))


def test_one_that_can_never_be_mined_is_not_kept(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.record(transaction(3))
    journal.clear()
    assert not list(journal.mined(0, 10))


def test_a_folder_that_takes_no_file_keeps_nothing_and_nothing_in_flight(tmp_path: Path) -> None:
    (tmp_path / "mined").write_text("in the way")
    journal = journal_in(tmp_path)
    journal.record(transaction(3))
    journal.settle(transaction(3))
    assert journal_in(tmp_path).pending() is None
    assert not list(journal_in(tmp_path).mined(0, 10))


def test_a_damaged_file_of_a_mined_one_is_named(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.record(transaction(3))
    journal.settle(transaction(3))
    [path] = (tmp_path / "mined").iterdir()
    path.write_text('{"nonce": 3}')
    with pytest.raises(JournalError, match=r"no journal of a mined transaction: .*Remove the file"):
        list(journal_in(tmp_path).mined(0, 10))
