"""One command starts either local chain, and stops it."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.chain.client import ChainClient
from zkfl.chain.errors import RpcUnavailableError
from zkfl.chain.transport import RpcLimits
from zkfl.cli.exit_codes import ExitCode

Run = Callable[..., SimpleNamespace]
ZKFL = [sys.executable, "-c", "from zkfl.cli.app import main; main()"]
ONCE = RpcLimits(timeout_seconds=5.0, retries=0)


def start(folder: Path, *words: object) -> subprocess.Popen[str]:
    command = [*ZKFL, "chain", *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
    )


@pytest.mark.parametrize("node", ["anvil", "hardhat"])
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_the_asked_for_chain_until_it_is_stopped(
    node: str, ending: signal.Signals, tmp_path: Path
) -> None:
    started = start(tmp_path, node, "--port", 0, "--chain-id", 4242)
    assert started.stdout is not None
    url = started.stdout.readline().split()[0]
    client = ChainClient(url, None, 4242, rpc_limits=ONCE)
    assert client.block_gas_limit() == 30_000_000
    started.send_signal(ending)
    _, said = started.communicate(timeout=30)
    assert started.returncode == 0
    assert f"{node} is stopped" in said
    assert (tmp_path / f"{node}.log").stat().st_size > 0
    with pytest.raises(RpcUnavailableError):
        client.block_number()


def test_an_unknown_node_is_refused(run_zkfl: Run) -> None:
    done = run_zkfl("chain", "geth")
    assert done.status == ExitCode.CHAIN
    assert "no local chain 'geth': choose one of anvil, hardhat" in done.err


@pytest.mark.parametrize("words", [["--port", 65_536], ["--chain-id", 0], ["--block-time", 0]])
def test_numbers_out_of_range_are_usage_errors(run_zkfl: Run, words: list[object]) -> None:
    assert run_zkfl("chain", *words).status == 2
