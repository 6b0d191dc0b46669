"""``zkfl node run`` and ``zkfl aggregator run``: a party that is left to itself."""
# ruff: noqa: PLC0415 - help must not wait for torch and web3

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

node = typer.Typer(help="A hospital's node as a service.", no_args_is_help=True)
aggregator = typer.Typer(help="The aggregator as a service.", no_args_is_help=True)
_Once = Annotated[
    bool, typer.Option("--once", help="Do what is owed now, say what is waited for, and end.")
]


@node.command("run")
def run_node(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Folder,
    site: Annotated[
        str | None, typer.Option(help="The hospital; default: the one in the folder.")
    ] = None,
    rounds: Rounds = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    interval: Interval = 3.0,
    *,
    once: _Once = False,
) -> None:
    """Do whatever the chain asks of a hospital, round after round, until it is stopped.

    Announces keys, admits records, trains, proves, answers disputes, acknowledges models; as the
    key holder opens sums; after a missed deadline moves the round on. Ctrl-C and SIGTERM end it
    after the turn at hand; started again, it goes on where it was. With --json, each line is an
    object: one for every change, the last one for the end.

    Examples:  zkfl node run hospital --site hospital-02  |  zkfl node run hospital --once
    """
    from zkfl.cli import running_steps

    running_steps.run_node(folder, site, rounds, rpc_url, srs, interval, once=once)


@aggregator.command("run")
def run_aggregator(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Folder,
    rounds: Rounds = None,
    least_members: LeastMembers = None,
    quiet: Quiet = 20.0,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    interval: Interval = 3.0,
    *,
    once: _Once = False,
) -> None:
    """Open rounds and bring them to their end: close, add, publish models and their cards.

    Waits for hospitals, and after a missed deadline moves the round on without who is silent.
    Ctrl-C and SIGTERM end it after the turn at hand; started again, it goes on where it was. With
    --json, each line is an object: one for every change, the last one for the end.

    Examples:  zkfl aggregator run office --rounds 10  |  zkfl aggregator run office --once
    """
    from zkfl.cli import running_steps

    running_steps.run_aggregator(
        folder, rounds, least_members, quiet, rpc_url, srs, interval, once=once
    )
