"""``zkfl bond``: what members have at stake."""
# ruff: noqa: PLC0415 - help must not wait for web3

from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, Folder, RpcUrl, Srs

bond = typer.Typer(
    help="Bonds: what members have at stake, where the consortium asks for it (bond_wei).",
    no_args_is_help=True,
)
OneSite = Annotated[str, typer.Option("--site", help="The hospital.")]
Wei = Annotated[int | None, typer.Option(min=1, help="In wei.")]


@bond.command()
def deposit(
    folder: Folder,
    site: OneSite,
    wei: Wei = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Stake for a hospital; without --wei, what its bond lacks.

    Example:  zkfl bond deposit consortium --site hospital-01
    """
    from zkfl.cli import bond_steps

    bond_steps.deposit(folder, site, wei, rpc_url, srs)


@bond.command()
def withdraw(
    folder: Folder,
    site: OneSite,
    wei: Wei = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Request what --wei says; without it, pay out what was requested before.

    Example:  zkfl bond withdraw consortium --site hospital-01 --wei 1000000000000000000
    """
    from zkfl.cli import bond_steps

    bond_steps.withdraw(folder, site, wei, rpc_url, srs)


@bond.command()
def show(folder: Folder, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None) -> None:
    """Show every member's stake.

    Example:  zkfl bond show consortium
    """
    from zkfl.cli import bond_steps

    bond_steps.show_stakes(folder, rpc_url, srs)
