"""``zkfl lineage``: where the consortium's model comes from, recomputed."""
# ruff: noqa: PLC0415 - help must not wait for web3

from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, RpcUrl


def lineage(
    registry: Annotated[str, typer.Argument(help="Address of the registry, with its capitals.")],
    rpc_url: RpcUrl = DEFAULT_RPC,
    chain_id: Annotated[int, typer.Option(help="Of the chain; a wrong one is refused.")] = 31_337,
    first_block: Annotated[
        int,
        typer.Option(min=0, help="Of the registry's creation; block_number of deployment.json."),
    ] = 0,
) -> None:
    """Recompute every model's commitment from events and calldata, and compare with the chain.

    Reads only, and needs no folder. Ends with status 12 at the first difference.

    Example:  zkfl lineage 0x5FbDB2315678afecb367f032d93F642f64180aa3 --rpc-url http://127.0.0.1:8545
    """
    from zkfl.cli import lineage_steps

    lineage_steps.show_lineage(registry, rpc_url, chain_id, first_block)
