"""``zkfl flower``: parties that reach each other over Flower instead of a shared folder."""
# ruff: noqa: PLC0415 - help must not wait for torch, web3 and Flower

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.options import (
    DEFAULT_RPC,
    Folder,
    Interval,
    LeastMembers,
    Quiet,
    Rounds,
    RpcUrl,
    Srs,
)

flower = typer.Typer(
    help="Parties on machines and stores of their own, with Flower between them.",
    no_args_is_help=True,
)
_InsidePort = Annotated[
    int, typer.Option(help="Of this machine alone, for the aggregator.", min=1, max=65_535)
]


@flower.command()
def keys(
    folder: Folder,
    host: Annotated[
        list[str] | None,
        typer.Option(help="Name or address of the SuperLink for hospitals, repeatable."),
    ] = None,
) -> None:
    """Make what Flower needs of the folder's parties: certificates, keys of nodes.

    At the aggregator: the authority (flower/ca.pem, for every hospital) and the SuperLink's
    certificate, which is made anew when it ends within a month or lacks a host. At a hospital:
    its node's key, of which flower/nodes/NAME.pub goes to the aggregator. What is there stays.

    Examples:  zkfl flower keys office --host zkfl.example.org  |  zkfl flower keys hospital
    """
    from zkfl.cli import flower_steps

    flower_steps.keys(folder, host or [])


@flower.command()
def link(
    folder: Folder,
    bind: Annotated[str, typer.Option(help="Address to listen at, for hospitals.")] = "0.0.0.0",  # noqa: S104
    port: Annotated[int, typer.Option(help="Of that address.", min=1, max=65_535)] = 9092,
    inside_port: _InsidePort = 9093,
) -> None:
    """Run the SuperLink until Ctrl-C: TLS, and only nodes whose keys are in flower/nodes.

    It carries bytes and holds no key of the protocol. Keys that are added to flower/nodes, or
    taken out, count within seconds.

    Example:  zkfl flower link office --port 9092
    """
    from zkfl.cli import flower_steps

    flower_steps.link(folder, (bind, port), inside_port)


@flower.command()
def aggregator(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Folder,
    rounds: Rounds = None,
    least_members: LeastMembers = None,
    quiet: Quiet = 20.0,
    inside_port: _InsidePort = 9093,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    interval: Interval = 3.0,
) -> None:
    """Run the aggregator beside its SuperLink: rounds, and the exchange with every hospital.

    Example:  zkfl flower aggregator office --rounds 10 --least-members 3
    """
    from zkfl.cli import flower_steps

    flower_steps.aggregator(
        folder, rounds, least_members, quiet, inside_port, rpc_url, srs, interval
    )


@flower.command()
def node(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Folder,
    site: Annotated[str, typer.Option(help="The hospital.")],
    superlink: Annotated[str, typer.Option(help="HOST:PORT of the aggregator's SuperLink.")],
    authority: Annotated[
        Path | None,
        typer.Option(help="Certificate of the consortium's authority; default flower/ca.pem."),
    ] = None,
    rounds: Rounds = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    interval: Interval = 3.0,
) -> None:
    """Run a hospital's node: what the chain asks of it, and its side of the exchange.

    While the SuperLink is away, it goes on with what needs nothing of others, and connects again.

    Example:  zkfl flower node hospital --site hospital-02 --superlink zkfl.example.org:9092
    """
    from zkfl.cli import flower_steps

    flower_steps.node(folder, site, superlink, authority, rounds, rpc_url, srs, interval)
