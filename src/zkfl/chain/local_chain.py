"""A local chain for the demo and the tests: one process of a node, one folder."""

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.types import RPCEndpoint

from zkfl.chain.errors import ChainError
from zkfl.chain.transport import CheckedHTTPProvider, RpcLimits

BLOCK_GAS_LIMIT = 30_000_000
"""Gas a block, as on public networks, so that a demo cannot do what a network would not."""
CHAIN_ID = 31_337
"""What local chains are called, unless asked for another id."""
ANY_PORT = 0
"""The operating system chooses one that is free."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_POLL_SECONDS = 0.05
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_ETHER = 10**18


class LocalChainError(ChainError):
    """A local chain cannot be found, started or used."""


@dataclass(frozen=True)
class LocalChain:
    """A running local chain, whichever program serves it.

    Attributes
    ----------
    url
        Its RPC endpoint on the loopback interface.
    chain_id
        As asked for.
    log
        What the process wrote.
    process_id
        Of the node itself.
    """

    url: str
    chain_id: int
    log: Path
    process_id: int

    def fund(self, address: str, ether: int = 100) -> None:
        """Set the balance of an address, in whole ether."""
        fund_accounts(self.url, [address], ether)

    def new_account(self, ether: int = 100) -> LocalAccount:
        """Create an account from the operating system's generator, and fund it."""
        account: LocalAccount = Account.create(os.urandom(32).hex())
        self.fund(account.address, ether)
        return account

    def advance_time(self, seconds: int) -> None:
        """Move the clock of the chain, and mine a block at the new time."""
        self.control("evm_increaseTime", seconds)
        self.control("evm_mine")

    def control(self, method: str, *params: object) -> object:
        """Call one of the node's own methods.

        Raises
        ------
        LocalChainError
            The node answered with an error.
        """
        return _control(self.url, method, *params)


@dataclass(frozen=True)
class NodeProgram:
    """How one kind of node is started.

    Attributes
    ----------
    name
        For messages.
    command
        Program and arguments.
    listening
        Finds host and port, as its first group, in what the node writes once it listens.
    folder
        To run in; this process's own if None.
    environment
        Variables added to this process's own.
    """

    name: str
    command: Sequence[str]
    listening: re.Pattern[str]
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def fund_accounts(url: str, addresses: Sequence[str], ether: int) -> None:
    """Set balances on anvil or Hardhat's network; `LocalChainError` on any other node."""
    for address in addresses:
        # anvil knows the method by Hardhat's name too
        _control(url, "hardhat_setBalance", address, hex(ether * _ETHER))


def _control(url: str, method: str, *params: object) -> object:
    provider = CheckedHTTPProvider(url, RpcLimits())
    answer = provider.make_request(RPCEndpoint(method), list(params))
    if answer.get("error"):
        raise LocalChainError(
            f"the node refused {method}, is it anvil or Hardhat? {answer['error']}"
        )
    return answer.get("result")


def in_node_modules(above: Path, *patterns: str) -> Path | None:
    """Return the first match in the nearest ``node_modules`` that has one, above a file."""
    for folder in above.resolve().parents:
        for pattern in patterns:
            for candidate in sorted((folder / "node_modules").glob(pattern)):
                if os.access(candidate, os.R_OK):
                    return candidate
    return None


@contextlib.contextmanager
def running_node(
    program: NodeProgram, log: Path, chain_id: int, start_timeout_seconds: float | None = None
) -> Iterator[LocalChain]:
    """Run a node until the block ends or this process dies.

    Parameters
    ----------
    log
        File for its output; the folder is created.
    start_timeout_seconds
        30 if None.

    Raises
    ------
    LocalChainError
        It cannot be run, exits, does not listen in time, or serves another chain id.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(program.command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env={**os.environ, **program.environment},
        )
    with stopped_at_exit(process):
        url = _wait_until_listening(program, process, log, start_timeout_seconds or _START_SECONDS)
        _require_chain_id(program, url, chain_id)
        yield LocalChain(url=url, chain_id=chain_id, log=log, process_id=process.pid)


@contextlib.contextmanager
def stopped_at_exit(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a process when the block ends, and kill it when this process dies, however it dies."""
    # The watchdog's stdin is a pipe from this process. When this process dies, however it
    # dies, the pipe closes and the watchdog ends the node.
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", 'cat >/dev/null; kill -9 "$1"', "sh", str(process.pid)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watchdog.kill()
        watchdog.communicate()
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_listening(
    program: NodeProgram, process: subprocess.Popen[bytes], log: Path, timeout: float
) -> str:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        written = _ANSI.sub("", log.read_text(errors="replace"))
        found = program.listening.search(written)
        if found:
            return f"http://{found[1]}"
        if process.poll() is not None:
            raise LocalChainError(
                f"{program.name} exited with status {process.returncode} before it listened: "
                f"{written[-500:]!r}"
            )
        time.sleep(_POLL_SECONDS)
    raise LocalChainError(f"{program.name} did not listen within {timeout:g} s; its log is {log}")


def _require_chain_id(program: NodeProgram, url: str, expected: int) -> None:
    actual = Web3(CheckedHTTPProvider(url, RpcLimits())).eth.chain_id
    if actual != expected:
        raise LocalChainError(f"{program.name} serves chain id {actual}, asked for {expected}")
