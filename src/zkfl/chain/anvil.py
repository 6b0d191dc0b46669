"""A local chain for the demo and the tests: npm's anvil, one process, one folder."""

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.types import RPCEndpoint

from zkfl.chain.errors import ChainError
from zkfl.chain.transport import CheckedHTTPProvider, RpcLimits

BLOCK_GAS_LIMIT = 30_000_000
"""Gas a block, as on public networks, so that a demo cannot do what a network would not."""
_LISTENING = re.compile(r"Listening on (127\.0\.0\.1:\d+)")
_POLL_SECONDS = 0.05
_STOP_SECONDS = 5.0
_ETHER = 10**18


class AnvilError(ChainError):
    """The local chain cannot be found, started or used."""


@dataclass(frozen=True)
class Anvil:
    """A running local chain.

    Attributes
    ----------
    url
        Its RPC endpoint on the loopback interface.
    chain_id
        As asked for.
    log
        What the process wrote.
    process_id
        Of anvil itself.
    """

    url: str
    chain_id: int
    log: Path
    process_id: int

    def fund(self, address: str, ether: int = 100) -> None:
        """Set the balance of an address, in whole ether."""
        self.control("anvil_setBalance", address, hex(ether * _ETHER))

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
        """Call one of anvil's own methods.

        Raises
        ------
        AnvilError
            Anvil answered with an error.
        """
        return _control(self.url, method, *params)


def fund_accounts(url: str, addresses: Sequence[str], ether: int) -> None:
    """Set balances on an anvil that somebody else runs; `AnvilError` on any other node."""
    for address in addresses:
        _control(url, "anvil_setBalance", address, hex(ether * _ETHER))


def _control(url: str, method: str, *params: object) -> object:
    provider = CheckedHTTPProvider(url, RpcLimits())
    answer = provider.make_request(RPCEndpoint(method), list(params))
    if answer.get("error"):
        raise AnvilError(f"the node refused {method}, is it anvil? {answer['error']}")
    return answer.get("result")


def find_anvil() -> Path:
    """Return the anvil of the nearest ``node_modules`` above this file, or of ``PATH``.

    Raises
    ------
    AnvilError
        There is none.
    """
    for folder in Path(__file__).resolve().parents:
        # The program itself before npm's wrapper, which would not pass SIGKILL on.
        for pattern in ("@foundry-rs/anvil-*/bin/anvil", ".bin/anvil"):
            for candidate in sorted((folder / "node_modules").glob(pattern)):
                if os.access(candidate, os.X_OK):
                    return candidate
    on_path = shutil.which("anvil")
    if on_path is None:
        raise AnvilError("anvil was found neither in node_modules nor on PATH: run npm ci")
    return Path(on_path)


@contextlib.contextmanager
def running_anvil(
    log: Path,
    *,
    chain_id: int = 31_337,
    block_gas_limit: int = BLOCK_GAS_LIMIT,
    start_timeout_seconds: float = 30.0,
    block_time_seconds: int | None = None,
) -> Iterator[Anvil]:
    """Run anvil on a free port until the block ends or this process dies.

    It has no accounts of its own: the well-known test keys hold nothing.

    Parameters
    ----------
    log
        File for anvil's output; the folder is created.
    block_time_seconds
        Interval between blocks; a block a transaction if None.

    Raises
    ------
    AnvilError
        Anvil is missing, exits, or does not listen in time.
    """
    options = ["--chain-id", str(chain_id), "--gas-limit", str(block_gas_limit)]
    options += ["--host", "127.0.0.1", "--port", "0", "--accounts", "0"]
    if block_time_seconds is not None:
        options += ["--block-time", str(block_time_seconds)]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(find_anvil()), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with stopped_at_exit(process):
        url = _wait_until_listening(process, log, start_timeout_seconds)
        _require_chain_id(url, chain_id)
        yield Anvil(url=url, chain_id=chain_id, log=log, process_id=process.pid)


@contextlib.contextmanager
def stopped_at_exit(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a process when the block ends, and kill it when this process dies, however it dies."""
    # The watchdog's stdin is a pipe from this process. When this process dies, however it
    # dies, the pipe closes and the watchdog ends anvil.
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


def _wait_until_listening(process: subprocess.Popen[bytes], log: Path, timeout: float) -> str:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        written = log.read_text(errors="replace")
        found = _LISTENING.search(written)
        if found:
            return f"http://{found[1]}"
        if process.poll() is not None:
            raise AnvilError(
                f"anvil exited with status {process.returncode} before it listened: "
                f"{written[-500:]!r}"
            )
        time.sleep(_POLL_SECONDS)
    raise AnvilError(f"anvil did not listen within {timeout:g} s; its log is {log}")


def _require_chain_id(url: str, expected: int) -> None:
    actual = Web3(CheckedHTTPProvider(url, RpcLimits())).eth.chain_id
    if actual != expected:
        raise AnvilError(f"anvil serves chain id {actual}, asked for {expected}")
