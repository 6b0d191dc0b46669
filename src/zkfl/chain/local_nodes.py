"""Starts a local chain by its name."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from zkfl.chain.anvil import running_anvil
from zkfl.chain.hardhat import running_hardhat
from zkfl.chain.local_chain import ANY_PORT, CHAIN_ID, LocalChain, LocalChainError
from zkfl.chain.node_names import NODE_NAMES

_NODES = dict(zip(NODE_NAMES, (running_anvil, running_hardhat), strict=True))


@contextlib.contextmanager
def running_local_chain(
    name: str,
    log: Path,
    *,
    chain_id: int = CHAIN_ID,
    block_time_seconds: int | None = None,
    port: int = ANY_PORT,
) -> Iterator[LocalChain]:
    """Run ``anvil`` or ``hardhat`` until the block ends or this process dies.

    Parameters
    ----------
    log
        File for the node's output; the folder is created.
    block_time_seconds
        Interval between blocks; a block a transaction if None.
    port
        A free one if 0.

    Raises
    ------
    LocalChainError
        There is no such node, or it does not start.
    """
    if name not in _NODES:
        raise LocalChainError(f"no local chain {name!r}: choose one of {', '.join(NODE_NAMES)}")
    run = _NODES[name]
    with run(log, chain_id=chain_id, block_time_seconds=block_time_seconds, port=port) as chain:
        yield chain
