"""``zkfl model check-prediction`` and ``deploy-verifier``: what others do with a proof.

The work is imported when a command is called: help must not wait for torch.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.completion import hospital_names
from zkfl.cli.options import DEFAULT_RPC, Folder, RpcUrl, Srs


def check_prediction(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    prediction: Annotated[Path, typer.Argument(help="File of zkfl model predict --prove.")],
    path: Annotated[
        Path,
        typer.Argument(
            help="The consortium: folder with consortium.json and deployment.json, or a deployment "
            "file alone."
        ),
    ],
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    opening: Annotated[
        Path | None, typer.Option(help="The record's opening, where you were given it.")
    ] = None,
    records: Annotated[
        Path | None, typer.Option(help="CSV or Parquet that the record should be a row of.")
    ] = None,
    row: Annotated[int | None, typer.Option(min=1, help="Which row of it, from 1.")] = None,
    verifier: Annotated[
        str | None,
        typer.Option(help="Ask this contract too, from zkfl model deploy-verifier."),
    ] = None,
) -> None:
    """Check a proven prediction: against C(G) of the recomputed lineage, and the proof itself.

    Reads only, and needs no keys. All code on chain is compared with this checkout's first. Ends
    with status 12 if anything does not hold. Ask your own node, or two endpoints: one that the
    prediction's maker names can make up members.

    Examples:  zkfl model check-prediction prediction.json consortium  |  zkfl model check-prediction prediction.json deployment.json --verifier 0x5FbDB2315678afecb367f032d93F642f64180aa3
    """  # noqa: E501 - an example is one line
    from zkfl.cli.prediction_check_steps import check
    from zkfl.cli.prediction_options import require_records
    from zkfl.cli.prediction_record import Record
    from zkfl.cli.prediction_steps import Chain

    require_records(records, row)
    record = None if records is None else Record(records, row)
    check(prediction, Chain(path, rpc_url, srs), opening, record, verifier)


def deploy_verifier(
    folder: Folder,
    site: Annotated[
        str | None,
        typer.Option(
            help="Hospital that pays; default: the first that is here.",
            autocompletion=hospital_names,
        ),
    ] = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Create a contract that checks proven predictions on chain; anybody may, and nobody owns it.

    Example:  zkfl model deploy-verifier consortium --site hospital-02
    """
    from zkfl.cli.prediction_steps import Chain
    from zkfl.cli.prediction_steps import deploy_verifier as deploy

    deploy(Chain(folder, rpc_url, srs, site))
