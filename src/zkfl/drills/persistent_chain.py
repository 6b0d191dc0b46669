"""An anvil with a state file, which can be killed and comes back on the same port."""

import contextlib
import gzip
import json
import socket
import subprocess
import time
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.chain.anvil import find_anvil
from zkfl.chain.errors import ChainError
from zkfl.chain.local_chain import BLOCK_GAS_LIMIT, LocalChainError, stopped_at_exit
from zkfl.chain.transport import CheckedHTTPProvider, RpcLimits
from zkfl.drills.errors import DrillError

CHAIN_ID = 31_337
_START_SECONDS = 60.0
_NEVER = "1000000"
"""Seconds between dumps by anvil itself: a drill decides what was saved, not the clock."""
_POLL = RpcLimits(timeout_seconds=5.0, retries=0)


class PersistentChain:
    """One chain over any number of anvil processes.

    Parameters
    ----------
    state
        File that anvil loads when it starts and dumps when it is stopped in order.
    timestamp
        Of the genesis block; the host's time if None.
    """

    def __init__(self, state: Path, timestamp: int | None = None) -> None:
        self.state = state
        self._timestamp = timestamp
        self._port = _free_port()
        self._running = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The endpoint, the same after every restart."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start anvil from the state file, if there is one, and wait until it answers."""
        log = self.state.with_suffix(".log").open("ab")
        command = [str(find_anvil()), "--chain-id", str(CHAIN_ID), "--accounts", "0"]
        command += ["--gas-limit", str(BLOCK_GAS_LIMIT), "--host", "127.0.0.1"]
        command += ["--port", str(self._port), "--state", str(self.state)]
        command += ["--state-interval", _NEVER]
        loaded = self.state.exists()
        timestamp = self._genesis_time()
        if timestamp is not None:
            command += ["--timestamp", str(timestamp)]
        with log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        self._running.enter_context(stopped_at_exit(self._process))
        self._wait_until_it_answers()
        if loaded:
            # It would begin again at the genesis block's time, before its last block's.
            self.control("evm_setTime", max(int(time.time()), self.last_block_time() + 1))

    def wait_for_block(self, after: int) -> None:
        """Wait until there is a block later than this: anvil answers before it mines."""
        deadline = time.monotonic() + _START_SECONDS
        while self.last_block() <= after:
            if time.monotonic() > deadline:
                raise DrillError(f"anvil mined nothing after block {after}")
            time.sleep(0.02)

    def last_block(self) -> int:
        """Return the latest block's number."""
        return int(str(self.control("eth_blockNumber")), 16)

    def last_block_time(self) -> int:
        """Return the latest block's time in seconds since 1970."""
        block = self.control("eth_getBlockByNumber", "latest", False)  # noqa: FBT003 - RPC's
        if not isinstance(block, dict):
            raise DrillError(f"anvil knows no latest block, but {block!r}")
        return int(str(block["timestamp"]), 16)

    def _genesis_time(self) -> int | None:
        """Return the time to give every anvil of this chain.

        Each anvil makes a genesis block of its own before it loads the state, and dumps both.
        The one after it would take either for block 0, unless they are one and the same.
        """
        if not self.state.exists():
            return self._timestamp
        headers = [block["header"] for block in json.loads(self.state.read_bytes())["blocks"]]
        genesis = [header for header in headers if int(header["number"], 16) == 0]
        if len(genesis) != 1:
            raise DrillError(f"{self.state} holds {len(genesis)} genesis blocks, not one")
        return int(genesis[0]["timestamp"], 16)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(ChainError):
                self.control("eth_chainId", limits=_POLL)
                return
            time.sleep(0.05)
        raise DrillError(f"anvil does not come up from {self.state}: see its log beside it")

    def save(self) -> None:
        """Write the state file as anvil's own interval would at this moment."""
        dump = self.control("anvil_dumpState")
        if not isinstance(dump, str):
            raise DrillError(f"anvil_dumpState answered with {type(dump).__name__}, not a string")
        content = bytes.fromhex(dump.removeprefix("0x"))
        with contextlib.suppress(gzip.BadGzipFile):
            content = gzip.decompress(content)
        json.loads(content)
        write_atomically(self.state, content)

    def kill(self) -> None:
        """End anvil with SIGKILL: what was not saved is lost."""
        if self._process is None:
            raise DrillError("anvil does not run: start it before it is killed")
        self._process.kill()
        self._process.wait()
        self.stop()

    def stop(self) -> None:
        """Stop anvil in order, if it runs; it saves its state."""
        self._process = None
        self._running.close()

    def control(self, method: str, *params: object, limits: RpcLimits | None = None) -> object:
        """Ask anvil anything; `LocalChainError` if it refuses."""
        provider = CheckedHTTPProvider(self.url, limits or RpcLimits())
        answer = provider.make_request(method, list(params))  # type: ignore[arg-type]
        if answer.get("error"):
            raise LocalChainError(f"anvil refused {method}: {answer['error']}")
        return answer.get("result")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
