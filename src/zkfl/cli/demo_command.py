"""``zkfl demo``: the main job.

The work is imported when the command is called: help must not wait for torch and web3.
"""
# ruff: noqa: PLC0415

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from zkfl.chain.node_names import NODE_NAMES
from zkfl.cli.output import keep_facts
from zkfl.datasets.names import usual_hospitals
from zkfl.demo.settings import DemoSettings, DemoSettingsError


def demo(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    dataset: Annotated[
        str,
        typer.Option(
            help="wdbc (breast cancer, simulated sites), heart (4 real hospitals), tcga-brca "
            "(breast cancer, 6 real regions), busi or busi-3 (ultrasound, simulated sites), or "
            "busi-pixels (a convolution on its pixels; large proofs); all but the first two need "
            "their files.",
        ),
    ] = "wdbc",
    circuits: Annotated[
        str | None,
        typer.Option(
            help="Circuits, and with them the model (zkfl circuits list); default: the data's.",
        ),
    ] = None,
    hospitals: Annotated[
        int | None,
        typer.Option(help="Sites, 3 to 16; default 4. heart has 4 and tcga-brca 6, no other."),
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds of verified training.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the partition and the held-out records.")] = 0,
    scheme: Annotated[str, typer.Option(help="Encryption of updates: bfv or ckks.")] = "bfv",
    weights: Annotated[
        str, typer.Option(help="Rule of shares: records, capped, square-root, equal or benefit.")
    ] = "records",
    workers: Annotated[
        int | None,
        typer.Option(
            help="Hospitals that prove at once; default: what cores and memory allow.", min=1
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for artefacts; default zkfl-runs/<data>-<time>.")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(envvar="ZKFL_DATA_DIR", help="Local copy of the data, where one is needed."),
    ] = None,
    chain: Annotated[
        str, typer.Option(help="The local chain to start: anvil or hardhat.")
    ] = NODE_NAMES[0],
    challenge_window: Annotated[
        int,
        typer.Option(
            help="Post proofs, to be challenged for so many seconds (the demo's chain skips them); "
            "0: the chain verifies each as it comes.",
            min=0,
            max=2_592_000,
        ),
    ] = 0,
    rate_schedule: Annotated[
        str | None,
        typer.Option(
            help="How each round's learning rate follows, for circuits that take one: "
            "constant:start=512 or rounds:rounds=3,floor=128. No plateau, which needs metrics.",
        ),
    ] = None,
    results: Annotated[
        Path | None, typer.Option(help="Write all results, as JSON, to this file too.")
    ] = None,
) -> None:
    """Form a consortium on a local chain and train it in verified rounds.

    Starts its own chain, deploys the contracts, admits every hospital's records, trains,
    and compares the verified model with plain FedAvg, each hospital alone and pooled data.
    The exit status is 0 only if every check passed.

    Examples:  zkfl demo  |  zkfl demo --dataset heart --rounds 20  |
    zkfl demo --hospitals 8 --seed 3 --scheme ckks --results result.json  |
    zkfl demo --chain hardhat  |  zkfl demo --circuits wdbc-mlp  |
    zkfl demo --circuits wdbc-rate --rate-schedule rounds:rounds=3,floor=128
    """
    from zkfl.demo.console import Console
    from zkfl.demo.report import show_report, write_report
    from zkfl.demo.run import run_demo

    folder = out or _default_folder(dataset)
    settings = DemoSettings(
        dataset,
        usual_hospitals(dataset) if hospitals is None else hospitals,
        rounds,
        seed,
        scheme,
        weights,
        workers,
        folder,
        data_dir,
        chain,
        challenge_window,
        circuits,
        rate_schedule,
    )
    _require_folder_of(results)
    os.umask(0o077)
    console = Console()
    result = run_demo(settings, console)
    artefacts = write_report(settings, result, results)
    show_report(result, artefacts, console)
    keep_facts(
        proofs_verified_on_chain=result.proofs,
        model=str(artefacts.model),
        curves=str(artefacts.plot),
        results=str(artefacts.results),
        test_records=str(artefacts.test_records),
    )


def _require_folder_of(results: Path | None) -> None:
    """Refuse a path that could not be written, before minutes of work and not after."""
    if results is None:
        return
    if results.is_dir() or not os.access(results.resolve().parent, os.W_OK):
        raise DemoSettingsError(
            f"--results {results} cannot be written: name a file in a folder of yours"
        )


def _default_folder(dataset: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Path("zkfl-runs") / f"{dataset}-{stamp}"
