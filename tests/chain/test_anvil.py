import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zkfl.chain import anvil as anvil_module
from zkfl.chain.anvil import Anvil, AnvilError, find_anvil, running_anvil
from zkfl.chain.client import ChainClient

ORPHANING = """
import os, sys
from pathlib import Path
from zkfl.chain.anvil import running_anvil
with running_anvil(Path(sys.argv[1])) as chain:
    print(chain.process_id, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_the_chain_is_as_asked_for(anvil: Anvil) -> None:
    client = ChainClient(anvil.url, None, anvil.chain_id)
    assert client.block_gas_limit() == 30_000_000
    assert client.w3.eth.accounts == []
    assert "Listening" in anvil.log.read_text()


def test_accounts_are_fresh_and_funded(anvil: Anvil) -> None:
    client = ChainClient(anvil.url, None, anvil.chain_id)
    first, second = anvil.new_account(), anvil.new_account(ether=3)
    assert first.address != second.address
    assert client.balance(second.address) == 3 * 10**18


def test_time_moves_on_demand(tmp_path: Path) -> None:
    with running_anvil(tmp_path / "log", chain_id=7) as chain:
        client = ChainClient(chain.url, None, 7)
        before = client.block_timestamp()
        chain.advance_time(10_000)
        assert client.block_timestamp() >= before + 10_000


def test_the_process_ends_with_the_block(tmp_path: Path) -> None:
    with running_anvil(tmp_path / "log") as chain:
        assert is_running(chain.process_id)
    assert not is_running(chain.process_id)


def test_the_process_ends_with_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", ORPHANING, str(tmp_path / "log")],
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
    pytest.fail(f"anvil {orphan} outlived its parent")


def test_a_chain_that_does_not_start_is_reported_with_its_output(tmp_path: Path) -> None:
    with (
        pytest.raises(AnvilError, match="exited with status"),
        running_anvil(tmp_path / "log", chain_id=-1),
    ):
        pass


def test_a_refused_control_call_is_reported(anvil: Anvil) -> None:
    with pytest.raises(AnvilError, match="refused anvil_noSuchMethod"):
        anvil.control("anvil_noSuchMethod")


def test_a_missing_anvil_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert os.access(find_anvil(), os.X_OK)
    monkeypatch.setattr(anvil_module, "__file__", str(tmp_path / "anvil.py"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AnvilError, match="run npm ci"):
        find_anvil()


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
