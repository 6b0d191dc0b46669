"""Anvil and Hardhat's network as local chains: started as asked for, and ended whatever happens."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from zkfl.chain import anvil as anvil_module
from zkfl.chain import hardhat as hardhat_module
from zkfl.chain.anvil import Anvil, find_anvil, running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.hardhat import find_hardhat, running_hardhat
from zkfl.chain.local_chain import LocalChainError

ORPHANING = """
import os, sys
from pathlib import Path
from zkfl.chain.{name} import running_{name}
with running_{name}(Path(sys.argv[1])) as chain:
    print(chain.process_id, flush=True)
    os.kill(os.getpid(), 9)
"""
Run = Callable[..., AbstractContextManager[Anvil]]
each_network = pytest.mark.parametrize(
    "run", [running_anvil, running_hardhat], ids=["anvil", "hardhat"]
)


def test_the_chain_is_as_asked_for(anvil: Anvil) -> None:
    client = ChainClient(anvil.url, None, anvil.chain_id)
    assert client.block_gas_limit() == 30_000_000
    assert client.w3.eth.accounts == []
    assert anvil.url.removeprefix("http://") in anvil.log.read_text()


def test_accounts_are_fresh_and_funded(anvil: Anvil) -> None:
    client = ChainClient(anvil.url, None, anvil.chain_id)
    first, second = anvil.new_account(), anvil.new_account(ether=3)
    assert first.address != second.address
    assert client.balance(second.address) == 3 * 10**18


@each_network
def test_time_moves_on_demand_and_blocks_hold_what_they_should(run: Run, tmp_path: Path) -> None:
    with run(tmp_path / "log", chain_id=7, block_gas_limit=20_000_000) as chain:
        client = ChainClient(chain.url, None, 7)
        before = client.block_timestamp()
        chain.advance_time(10_000)
        assert client.block_timestamp() >= before + 10_000
        assert client.block_gas_limit() == 20_000_000


@each_network
def test_blocks_come_by_themselves_where_an_interval_is_asked_for(run: Run, tmp_path: Path) -> None:
    with run(tmp_path / "log", block_time_seconds=1) as chain:
        client = ChainClient(chain.url, None, chain.chain_id)
        begun = client.block_number()
        for _ in range(200):
            if client.block_number() > begun:
                return
            time.sleep(0.05)
    pytest.fail("no block within 10 seconds")


@each_network
def test_the_process_ends_with_the_block(run: Run, tmp_path: Path) -> None:
    with run(tmp_path / "log") as chain:
        assert is_running(chain.process_id)
    assert not is_running(chain.process_id)


@pytest.mark.parametrize("name", ["anvil", "hardhat"])
def test_the_process_ends_with_a_killed_parent(name: str, tmp_path: Path) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", ORPHANING.format(name=name), str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert parent.returncode == -9
    orphan = int(parent.stdout)
    for _ in range(600):
        if not is_running(orphan):
            return
        time.sleep(0.05)
    pytest.fail(f"{name} {orphan} outlived its parent")


@each_network
def test_a_chain_that_does_not_start_is_reported_with_its_output(run: Run, tmp_path: Path) -> None:
    with pytest.raises(LocalChainError, match="exited with status"), run(tmp_path / "log", port=-1):
        pass


@each_network
def test_a_chain_that_takes_too_long_is_reported_with_its_log(run: Run, tmp_path: Path) -> None:
    with (
        pytest.raises(LocalChainError, match=r"did not listen within 0\.001 s; its log is "),
        run(tmp_path / "log", start_timeout_seconds=0.001),
    ):
        pass


def test_a_refused_control_call_is_reported(anvil: Anvil) -> None:
    with pytest.raises(LocalChainError, match="refused anvil_noSuchMethod"):
        anvil.control("anvil_noSuchMethod")


def test_a_missing_anvil_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert os.access(find_anvil(), os.X_OK)
    monkeypatch.setattr(anvil_module, "__file__", str(tmp_path / "anvil.py"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalChainError, match="run scripts/setup"):
        find_anvil()


def test_a_missing_hardhat_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert (find_hardhat() / "package.json").is_file()
    monkeypatch.setattr(hardhat_module, "__file__", str(tmp_path / "hardhat.py"))
    with pytest.raises(LocalChainError, match="run scripts/setup"):
        find_hardhat()


def test_a_missing_node_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalChainError, match="install Node 20"), running_hardhat(tmp_path / "log"):
        pass


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
