"""``zkfl he-key``: the key that opens sums, made by one hospital and shared with others."""
# ruff: noqa: PLC0415 - help must not wait for torch and web3

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.options import DEFAULT_RPC, Folder, RpcUrl, Srs

he_key = typer.Typer(
    help="The key that opens encrypted sums: made, shared, announced, acknowledged.",
    no_args_is_help=True,
)
_Site = Annotated[str | None, typer.Option(help="The hospital; default: the one in the folder.")]


@he_key.command()
def create(folder: Folder, site: _Site = None) -> None:
    """Make new HE keys, where the hospital holds none: at the founding zkfl join does this.

    If the public context alone is missing, it is made from the secret. After a loss, announce the
    new public context (zkfl he-key announce) and send the new card.

    Example:  zkfl he-key create ours --site hospital-01
    """
    from zkfl.cli import he_key_steps

    he_key_steps.create(folder, site)


@he_key.command()
def seal(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Folder,
    to: Annotated[str, typer.Option(help="The hospital that is to hold the key too.")],
    out: Annotated[Path, typer.Option(help="File to write; nobody else can open it.")],
    site: _Site = None,
    fingerprint: Annotated[
        str | None, typer.Option(help="Of its card, as it read it out; default: you are asked.")
    ] = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
) -> None:
    """Seal the HE key to another hospital's key, as its card in the folder's cards shows it.

    Have the hospital read out its card's fingerprint first: whoever has the key can open sums.
    Once the folder holds deployment.json, the card's key must be the one on chain.

    Example:  zkfl he-key seal ours --to hospital-02 --out for-02.sealed
    """
    from zkfl.cli import he_key_steps

    he_key_steps.seal(folder, to, out, site, fingerprint, rpc_url)


@he_key.command("open")
def open_(
    folder: Folder,
    sealed: Annotated[Path, typer.Argument(help="The file that the key holder sealed.")],
    site: _Site = None,
) -> None:
    """Open a sealed HE key, try it on the announced context, keep it, and say so on a new card.

    Needs the key holder's card in the folder's cards, and the public context in the store.

    Example:  zkfl he-key open ours for-02.sealed
    """
    from zkfl.cli import he_key_steps

    he_key_steps.open_(folder, sealed, site)


@he_key.command()
def announce(
    folder: Folder, site: _Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Announce the public context on chain, as the key holder, in place of another; between rounds.

    The first context is announced by zkfl node run or zkfl deploy. Nodes that know another one
    send nothing until their operators have asked you.

    Example:  zkfl he-key announce ours
    """
    from zkfl.cli import he_key_steps

    he_key_steps.announce(folder, site, rpc_url, srs)


@he_key.command()
def acknowledge(
    folder: Folder, site: _Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """State on chain that a hospital holds the HE key, once it has tried it; as a key holder.

    zkfl node run does so too. Whoever announced the context has stated it with that.

    Example:  zkfl he-key acknowledge ours
    """
    from zkfl.cli import he_key_steps

    he_key_steps.acknowledge(folder, site, rpc_url, srs)


@he_key.command()
def holders(folder: Folder, rpc_url: RpcUrl = DEFAULT_RPC) -> None:
    """Show who may open sums, and who of them stated on chain that it holds the announced key.

    Ends with 15 if somebody has not: sums may then hang on one hospital alone.

    Example:  zkfl he-key holders ours
    """
    from zkfl.cli import he_key_steps

    if not he_key_steps.holders(folder, rpc_url):
        raise typer.Exit(ExitCode.CHECK_FAILED)
