"""``zkfl bundle``: taking part without a network, by files."""
# ruff: noqa: PLC0415 - help must not wait for web3

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, RpcUrl, Srs

bundle = typer.Typer(
    help="Take part without a network: files between a hospital's node and its relay.",
    no_args_is_help=True,
)
_Folder = Annotated[
    Path, typer.Argument(help="Folder with deployment.json; at the hospital, the consortium's.")
]
_OneSite = Annotated[str, typer.Option("--site", help="The hospital.")]
_SiteHere = Annotated[
    str | None,
    typer.Option("--site", help="The hospital whose node is here; without it, here is its relay."),
]
_In = Annotated[Path, typer.Argument(help="The bundle.")]
_Out = Annotated[Path, typer.Argument(help="Where to write the bundle.")]


@bundle.command()
def relay(
    folder: _Folder,
    member: Annotated[str, typer.Option(help="The hospital: its chain address, or its name.")],
    rpc_url: RpcUrl = DEFAULT_RPC,
) -> None:
    """Set up a relay for one hospital, on a machine with a network, and print its key.

    Example:  zkfl bundle relay consortium --member hospital-03
    """
    from zkfl.cli import bundle_steps

    bundle_steps.set_up_relay(folder, member, rpc_url)


@bundle.command()
def trust(
    folder: _Folder,
    site: _OneSite,
    relay_key: Annotated[str, typer.Option(help="What zkfl bundle relay printed.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Give up the relay that was trusted before.")
    ] = False,
    forget_view: Annotated[
        bool,
        typer.Option(
            "--forget-view", help="Take any block next: after a relay showed one that is none."
        ),
    ] = False,
) -> None:
    """At the hospital: take bundles of this relay, and of nobody else.

    Example:  zkfl bundle trust island --site hospital-03 --relay-key 8f0c…
    """
    from zkfl.cli import bundle_steps

    bundle_steps.trust_relay(folder, site, relay_key, instead=replace, forget_view=forget_view)


@bundle.command("export")
def export_(
    folder: _Folder,
    out: _Out,
    site: _SiteHere = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Write a bundle for the other side.

    At the relay: what the node may ask the chain, and artefacts. At the hospital (--site): the
    node takes its turn on the last bundle that was imported, proves and signs; the bundle holds
    the transactions and the artefacts that they name.

    Examples:  zkfl bundle export consortium to-node.bundle |
    zkfl bundle export island to-relay.bundle --site hospital-03
    """
    from zkfl.cli import bundle_steps

    if site is None:
        bundle_steps.export_at_relay(folder, out, rpc_url)
    else:
        bundle_steps.export_at_site(folder, out, site, srs)


@bundle.command("import")
def import_(
    folder: _Folder, file: _In, site: _SiteHere = None, rpc_url: RpcUrl = DEFAULT_RPC
) -> None:
    """Check a bundle of the other side and take it in.

    At the hospital (--site): answers and artefacts are kept for the next export. At the relay:
    artefacts are stored, and transactions are tried, broadcast and waited for.

    Examples:  zkfl bundle import island to-node.bundle --site hospital-03 |
    zkfl bundle import consortium to-relay.bundle
    """
    from zkfl.cli import bundle_steps

    if site is None:
        bundle_steps.import_at_relay(folder, file, rpc_url)
    else:
        bundle_steps.import_at_site(folder, file, site)


@bundle.command()
def show(file: _In) -> None:
    """Print what a bundle says of itself; nothing of it is checked, and nothing taken in.

    Example:  zkfl bundle show to-relay.bundle
    """
    from zkfl.cli import bundle_steps

    bundle_steps.show_bundle(file)
