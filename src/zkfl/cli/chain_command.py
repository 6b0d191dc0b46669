"""``zkfl chain``: a local chain for a rehearsal, until it is stopped.

The work is imported when the command is called: help must not wait for web3.
"""
# ruff: noqa: PLC0415

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zkfl.chain.node_names import NODE_NAMES
from zkfl.cli.output import error_console, result_console

if TYPE_CHECKING:
    from zkfl.chain.local_chain import LocalChain


def chain(
    node: Annotated[str, typer.Argument(help="anvil or hardhat.")] = NODE_NAMES[0],
    port: Annotated[
        int, typer.Option(help="On this machine; 0 takes a free one.", min=0, max=65_535)
    ] = 8545,
    chain_id: Annotated[int, typer.Option(help="Of the new chain.", min=1)] = 31_337,
    block_time: Annotated[
        int | None,
        typer.Option(help="Seconds between blocks; default: a block a transaction.", min=1),
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="File for the node's output; default NODE.log.")
    ] = None,
) -> None:
    """Run a local chain, of anvil or of Hardhat's network, until Ctrl-C.

    It begins empty, mines a block for each transaction, and holds 30 million gas a block. Its
    endpoint and chain id are those that the other commands take by default.

    Examples:  zkfl chain  |  zkfl chain hardhat  |
    zkfl chain hardhat --port 9545 --chain-id 4242 --log hardhat.log
    """
    from zkfl.chain.local_nodes import running_local_chain

    written = log or Path(f"{node}.log")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with running_local_chain(
        node, written, chain_id=chain_id, block_time_seconds=block_time, port=port
    ) as started:
        result_console().print(f"{started.url}  chain id {started.chain_id}")
        error_console().print(f"{node} runs until Ctrl-C; its log is {written}")
        _wait(started, node)


def _wait(started: "LocalChain", node: str) -> None:
    from zkfl.chain.local_chain import LocalChainError

    try:
        os.waitpid(started.process_id, 0)
    except KeyboardInterrupt:
        error_console().print(f"{node} is stopped")
        return
    raise LocalChainError(f"{node} ended by itself; its log is {started.log}")
