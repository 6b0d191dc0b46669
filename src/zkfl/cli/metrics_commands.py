"""Metrics of a consortium's models, proven or at home: names, options and help."""
# ruff: noqa: PLC0415 - help must not wait for torch and web3

from typing import Annotated

import typer

from zkfl.cli.completion import hospital_names
from zkfl.cli.options import DEFAULT_RPC, Folder, RpcUrl, Site, Srs

_LEAST = 10
AnyRound = Annotated[
    int | None, typer.Option("--round", min=1, help="A final round; default: the last one.")
]


def prove_metrics(
    folder: Folder,
    round_: AnyRound = None,
    site: Site = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Prove how often a final round's model is right on the test shards of hospitals.

    Where consortia prove metrics (zkfl init --metrics), and hospitals admitted test records (zkfl
    admit --test). The counts become public, each hospital's by itself.

    Example:  zkfl prove-metrics consortium --site hospital-02 --round 3
    """
    from zkfl.cli import metrics_steps

    metrics_steps.prove(folder, site, round_, rpc_url, srs)


def metrics(folder: Folder, rpc_url: RpcUrl = DEFAULT_RPC) -> None:
    """Show what is proven of each round's model: counts, rates with 95 % intervals, hospitals.

    Examples:  zkfl metrics consortium  |  zkfl metrics consortium --json
    """
    from zkfl.cli import metrics_steps

    metrics_steps.show(folder, rpc_url)


def evaluate(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Folder,
    site: Annotated[
        str | None,
        typer.Option(
            help="The hospital; default: the only one here.", autocompletion=hospital_names
        ),
    ] = None,
    round_: AnyRound = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Column of the test records to split by, repeatable; default: site, age_band, sex."
        ),
    ] = None,
    least: Annotated[
        int, typer.Option(min=5, max=1_000, help="Groups with fewer records are not shown.")
    ] = _LEAST,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Test a final round's model at home: calibration, and rates by group. Nothing is sent.

    Example:  zkfl evaluate consortium --site hospital-02 --by sex
    """
    from zkfl.cli import evaluation_steps

    evaluation_steps.evaluate(folder, site, round_, by, least, rpc_url, srs)
