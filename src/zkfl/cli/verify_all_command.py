"""``zkfl verify-all``: every proof of every round, checked anew."""
# ruff: noqa: PLC0415 - help must not wait for torch and web3

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, RpcUrl, Srs


def verify_all(
    path: Annotated[
        Path,
        typer.Argument(
            help="Folder with consortium.json and deployment.json, or a deployment file alone."
        ),
    ],
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    round_: Annotated[
        int | None,
        typer.Option("--round", min=1, help="Only this round and the shards that it trained on."),
    ] = None,
) -> None:
    """Check every proof again, with EZKL and on chain, and what it is about; then the lineage.

    Reads only, and needs no keys. All code on chain is compared with this checkout's first. Ends
    with status 12 if anything does not hold.

    Example:  zkfl verify-all consortium --rpc-url http://127.0.0.1:8545
    """
    from zkfl.cli import verify_all_steps

    verify_all_steps.verify_all(path, rpc_url, srs, round_)
