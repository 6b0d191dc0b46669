"""``zkfl log``: the audit bundle of a consortium, here and on other chains."""
# ruff: noqa: PLC0415 - help must not wait for web3

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, RpcUrl

log = typer.Typer(
    help="The audit bundle: a consortium's whole lineage, anchored on other chains.",
    no_args_is_help=True,
)
Where = Annotated[
    Path, typer.Argument(help="Folder with deployment.json, or a deployment file alone.")
]
Block = Annotated[int | None, typer.Option(min=0, help="Last block that is read; default: all.")]
Chain = Annotated[str, typer.Option("--chain", help="HTTP endpoint of the anchors' chain.")]
ChainId = Annotated[int, typer.Option(min=1, help="Of the anchors' chain; a wrong one is refused.")]
Contract = Annotated[
    str | None, typer.Option(help="AuditAnchor there; default: what anchors.json names.")
]


@log.command()
def bundle(
    path: Where,
    out: Annotated[Path | None, typer.Option(help="Write the bundle here.")] = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    block: Block = None,
) -> None:
    """Recompute the audit bundle from the chain, and show its SHA-256.

    Example:  zkfl log bundle deployment.json --out bundle.json
    """
    from zkfl.cli import log_steps

    log_steps.bundle(path, out, rpc_url, block)


@log.command()
def anchor(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    path: Where,
    chain: Chain,
    chain_id: ChainId,
    home: Annotated[Path, typer.Option(help="Folder of the party that signs and pays.")],
    contract: Contract = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    block: Block = None,
) -> None:
    """Put the hash of the audit bundle on another chain; anyone may.

    Without --contract, the one in anchors.json is used, or created and noted there.

    Example:  zkfl log anchor consortium --chain https://rpc.example.org --chain-id 1 --home consortium/roles/office
    """  # noqa: E501 - an example is one line
    from zkfl.cli import log_steps

    log_steps.anchor(path, log_steps.Place(chain, chain_id, contract), home, rpc_url, block)


@log.command()
def verify(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    path: Where,
    chain: Chain,
    chain_id: ChainId,
    contract: Contract = None,
    first_block: Annotated[
        int, typer.Option(min=0, help="Of the contract's creation, where it is not in the file.")
    ] = 0,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Account whose anchors count, repeatable; default: all parties'."),
    ] = None,
    last: Annotated[
        int | None,
        typer.Option(min=1, help="Only the latest, and the oldest of each account; default: all."),
    ] = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
) -> None:
    """Recompute the bundle at the block of each anchor, and compare.

    Reads only. Says how many were compared, skipped, and added by strangers, and since when the
    contract stands. Ends with status 12 if an anchor does not agree, or if there is none.

    Example:  zkfl log verify deployment.json --chain https://rpc.example.org --chain-id 1 --contract 0x5FbDB2315678afecb367f032d93F642f64180aa3
    """  # noqa: E501 - an example is one line
    from zkfl.cli import log_steps

    place = log_steps.Place(chain, chain_id, contract, first_block)
    log_steps.verify(path, place, by, last, rpc_url)
