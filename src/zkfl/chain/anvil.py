"""npm's anvil as a local chain."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from zkfl.chain.local_chain import (
    ANY_PORT,
    BLOCK_GAS_LIMIT,
    CHAIN_ID,
    LocalChain,
    LocalChainError,
    NodeProgram,
    in_node_modules,
    running_node,
)

Anvil = LocalChain
_LISTENING = re.compile(r"Listening on (127\.0\.0\.1:\d+)")


def find_anvil() -> Path:
    """Return the anvil of the nearest ``node_modules`` above this file, or of ``PATH``.

    Raises
    ------
    LocalChainError
        There is none.
    """
    # The program itself before npm's wrapper, which would not pass SIGKILL on.
    found = in_node_modules(Path(__file__), "@foundry-rs/anvil-*/bin/anvil", ".bin/anvil")
    on_path = shutil.which("anvil")
    if found is None and on_path is None:
        raise LocalChainError(
            "anvil was found neither in node_modules nor on PATH: run scripts/setup (or npm ci)"
        )
    return found or Path(str(on_path))


@contextlib.contextmanager
def running_anvil(  # noqa: PLR0913 (all but one have defaults and are named)
    log: Path,
    *,
    chain_id: int = CHAIN_ID,
    block_gas_limit: int = BLOCK_GAS_LIMIT,
    start_timeout_seconds: float | None = None,
    block_time_seconds: int | None = None,
    port: int = ANY_PORT,
) -> Iterator[LocalChain]:
    """Run anvil until the block ends or this process dies.

    It has no accounts of its own: the well-known test keys hold nothing.

    Parameters
    ----------
    log
        File for anvil's output; the folder is created.
    block_time_seconds
        Interval between blocks; a block a transaction if None.
    port
        A free one if 0.

    Raises
    ------
    LocalChainError
        Anvil is missing, exits, or does not listen in time.
    """
    command = [str(find_anvil()), "--chain-id", str(chain_id)]
    command += ["--gas-limit", str(block_gas_limit)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--accounts", "0"]
    if block_time_seconds is not None:
        command += ["--block-time", str(block_time_seconds)]
    program = NodeProgram("anvil", command, _LISTENING)
    with running_node(program, log, chain_id, start_timeout_seconds) as chain:
        yield chain
