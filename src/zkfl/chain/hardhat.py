"""Hardhat's network as a local chain, for those who test their contracts on it.

Node runs Hardhat as a library and not its command line, which would look for a newer version
and ask to report how it is used. Its configuration lives in a temporary folder beside its log: it
compiles nothing and reads no project.
"""

import contextlib
import json
import re
import shutil
import tempfile
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

HARDFORK = "osaka"
"""The latest that Hardhat knows; anvil's default is the same with more room for blobs."""
_LISTENING = re.compile(r"JSON-RPC server at http://(127\.0\.0\.1:\d+)/")
_SERVE = (
    "require(process.argv[1]).run('node', { hostname: '127.0.0.1', port: +process.argv[2] })"
    ".catch((error) => { console.error(error); process.exit(1); })"
)
_NO_COMPILER_RUNS = "0.8.30"
"""Hardhat wants a version named, even where it compiles nothing."""


def find_hardhat() -> Path:
    """Return the package's folder in the nearest ``node_modules`` above this file.

    Raises
    ------
    LocalChainError
        There is none.
    """
    found = in_node_modules(Path(__file__), "hardhat/package.json")
    if found is None:
        raise LocalChainError("hardhat was not found in node_modules: run scripts/setup")
    return found.parent.resolve()


@contextlib.contextmanager
def running_hardhat(  # noqa: PLR0913 (all but one have defaults and are named)
    log: Path,
    *,
    chain_id: int = CHAIN_ID,
    block_gas_limit: int = BLOCK_GAS_LIMIT,
    start_timeout_seconds: float | None = None,
    block_time_seconds: int | None = None,
    port: int = ANY_PORT,
) -> Iterator[LocalChain]:
    """Run Hardhat's network until the block ends or this process dies; as `running_anvil`.

    Raises
    ------
    LocalChainError
        Hardhat or Node is missing, exits, or does not listen in time.
    """
    node = shutil.which("node")
    if node is None:
        raise LocalChainError("node was not found on PATH: install Node 20 or newer")
    network = _network(chain_id, block_gas_limit, block_time_seconds)
    log.parent.mkdir(parents=True, exist_ok=True)
    # beside the log: a process that is killed leaves it where its user looks
    with tempfile.TemporaryDirectory(prefix="hardhat-", dir=log.parent.resolve()) as folder:
        config = _write_config(Path(folder), network)
        program = NodeProgram(
            "Hardhat",
            [node, "-e", _SERVE, str(find_hardhat()), str(port)],
            _LISTENING,
            Path(folder),
            {"HARDHAT_CONFIG": str(config), "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"},
        )
        with running_node(program, log, chain_id, start_timeout_seconds) as chain:
            yield chain


def _network(
    chain_id: int, block_gas_limit: int, block_time_seconds: int | None
) -> dict[str, object]:
    interval = 0 if block_time_seconds is None else 1000 * block_time_seconds
    return {
        "chainId": chain_id,
        "hardfork": HARDFORK,
        "blockGasLimit": block_gas_limit,
        "allowUnlimitedContractSize": False,
        "accounts": [],
        "mining": {"auto": block_time_seconds is None, "interval": interval},
    }


def _write_config(folder: Path, network: dict[str, object]) -> Path:
    config = {"solidity": _NO_COMPILER_RUNS, "networks": {"hardhat": network}}
    path = folder / "hardhat.config.cjs"
    path.write_text(f"module.exports = {json.dumps(config)};\n")
    return path
