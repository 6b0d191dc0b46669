"""``zkfl srs ceremony``: hospitals make an SRS together, and one honest one suffices."""
# ruff: noqa: PLC0415 - help must not wait for web3

from pathlib import Path
from typing import Annotated

import typer

ceremony = typer.Typer(
    help="Make an SRS together: safe if one of the contributors is honest.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Argument(help="The transcript's folder, shared by all.")]
Home = Annotated[Path, typer.Option(help="This party's own folder, with its chain key.")]
MaybeHome = Annotated[
    Path | None, typer.Option(help="This party's own folder; without it nothing is sent.")
]
RpcUrl = Annotated[str, typer.Option(envvar="ZKFL_RPC_URL", help="HTTP endpoint of the chain.")]
_DEFAULT_RPC = "http://127.0.0.1:8545"


@ceremony.command()
def deploy(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Annotated[Path, typer.Argument(help="A new folder for the transcript.")],
    home: Home,
    contributor: Annotated[list[str], typer.Option(help="Address, repeatable, in turn.")],
    logrows: Annotated[int, typer.Option(min=3, max=28, help="log2 of the rows.")] = 14,
    beacon_distance: Annotated[int, typer.Option(help="Blocks ahead, 1 to 7200.")] = 32,
    step_hours: Annotated[int, typer.Option(min=1, max=720, help="Before a skip.")] = 72,
    rpc_url: RpcUrl = _DEFAULT_RPC,
    chain_id: Annotated[int, typer.Option(help="Of the chain; a wrong one is refused.")] = 31_337,
) -> None:
    """Create the contract that records a ceremony, and write ceremony.json.

    Example:  zkfl srs ceremony deploy transcript --home consortium/roles/office
    --contributor 0x5B38Da6a701c568545dCfcB03FcB875f56beddC4
    """
    from zkfl.cli import ceremony_steps

    ceremony_steps.deploy(
        folder, home, contributor, logrows, beacon_distance, step_hours, rpc_url, chain_id
    )


@ceremony.command()
def start(folder: Folder, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Write the file that the ceremony begins with; it holds no secret and is the same for all.

    Example:  zkfl srs ceremony start transcript
    """
    from zkfl.cli import ceremony_steps

    ceremony_steps.start(folder, rpc_url)


@ceremony.command()
def contribute(folder: Folder, home: Home, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Check everything contributed so far, add this party's secret, and record it on chain.

    The secret lives in one process's memory for seconds; nobody ever sees it.

    Example:  zkfl srs ceremony contribute transcript --home consortium/sites/hospital-01
    """
    from zkfl.cli import ceremony_steps

    ceremony_steps.contribute(folder, home, rpc_url)


@ceremony.command()
def verify(
    folder: Folder,
    home: MaybeHome = None,
    object_to: Annotated[
        int | None, typer.Option(help="State that this contribution is bad: ENDS the ceremony.")
    ] = None,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Check the others' contributions, and with --home say so on chain; without, check them all.

    A file that does not pass may only have suffered on its way: get it again first. Where its
    contributor stands by it, --object-to ends the ceremony, for all to see.

    Example:  zkfl srs ceremony verify transcript --home consortium/sites/hospital-02
    """
    from zkfl.cli import ceremony_steps

    ceremony_steps.verify(folder, home, object_to, rpc_url)


@ceremony.command()
def skip(folder: Folder, home: Home, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Go on without those who let the step's deadline pass.

    Example:  zkfl srs ceremony skip transcript --home consortium/sites/hospital-01
    """
    from zkfl.cli import ceremony_steps

    ceremony_steps.skip(folder, home, rpc_url)


@ceremony.command()
def beacon(folder: Folder, home: Home, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Record the announced block's hash as the beacon, and write final.ptau with it.

    Example:  zkfl srs ceremony beacon transcript --home consortium/sites/hospital-01
    """
    from zkfl.cli import ceremony_steps

    ceremony_steps.beacon(folder, home, rpc_url)


@ceremony.command()
def finish(
    folder: Folder,
    out: Annotated[Path, typer.Argument(help="Where to write the checked SRS.")],
    home: MaybeHome = None,
    *,
    insist: Annotated[
        bool, typer.Option("--insist", help="State a result others do not share: ENDS it.")
    ] = False,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Compute the SRS from the transcript, check all of it, and state its hash on chain.

    Example:  zkfl srs ceremony finish transcript consortium.srs
    --home consortium/sites/hospital-01
    """
    from zkfl.cli import ceremony_steps

    ceremony_steps.finish(folder, out, home, rpc_url, insist=insist)


@ceremony.command()
def status(folder: Folder, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Show where the ceremony stands, and for whom it waits.

    Example:  zkfl srs ceremony status transcript
    """
    from zkfl.cli import ceremony_steps

    ceremony_steps.status(folder, rpc_url)
