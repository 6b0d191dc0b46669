"""What the commands of a consortium share: their options, opening its folder, and output."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from zkfl.chain.deployment import load_deployment
from zkfl.chain.states import Round, RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.cli.output import error_console, result_console
from zkfl.consortium import Consortium
from zkfl.founding import Foundation, found
from zkfl.node.home import NodeHome
from zkfl.node.hospital import StepCallback
from zkfl.parties import PartyOpener, open_registry
from zkfl.workspace import Workspace

Folder = Annotated[Path, typer.Argument(help="The consortium's folder, made by zkfl init.")]
RpcUrl = Annotated[str, typer.Option(envvar="ZKFL_RPC_URL", help="HTTP endpoint of the chain.")]
Srs = Annotated[
    Path | None, typer.Option(help="SRS from zkfl srs import; default: the INSECURE demo SRS.")
]
Site = Annotated[list[str] | None, typer.Option(help="Hospital, repeatable; default: all.")]
DEFAULT_RPC = "http://127.0.0.1:8545"
_NOTHING = bytes(32)
_WAITS_FOR = {
    RoundStatus.OPEN: "hospitals to submit (zkfl train), then to be closed (zkfl close)",
    RoundStatus.DISPUTED: "hospitals to split their masks (zkfl answer)",
    RoundStatus.PUBLISHED: "hospitals to acknowledge the model (zkfl acknowledge)",
    RoundStatus.REVEALING: "hospitals to reveal (zkfl answer), then the model (zkfl open-model)",
}


def print_status(folder: Path, rpc_url: str) -> None:
    """Print where the current round stands, what it waits for, and until when."""
    workspace, _ = open_folder(folder)
    deployment = load_deployment(workspace.deployment)
    registry = open_registry(NodeHome.open(workspace.role("office")), deployment, rpc_url)
    round_id = registry.current_round()
    state = registry.round(round_id)
    console = result_console()
    console.print(f"round      {round_id} {state.status.name}, attempt {state.attempt}")
    console.print(f"submitted  {state.submissions} of {len(registry.cohort(round_id))}")
    if state.status.in_progress:
        console.print(f"waits for  {_waits_for(state)}")
        console.print(
            f"until      {datetime.fromtimestamp(state.deadline, UTC):%Y-%m-%d %H:%M:%S} UTC"
        )
    console.print(f"model      {registry.model_hash().hex()}")


def _waits_for(state: Round) -> str:
    if state.status is RoundStatus.CLOSED:
        if state.sum_hash != _NOTHING:
            return "the aggregator to publish the model (zkfl close)"
        if state.encrypted_sum_hash != _NOTHING:
            return "the key holder to open the sum (zkfl close)"
        return "the aggregator to announce the sum (zkfl close)"
    return _WAITS_FOR[state.status]


def open_folder(folder: Path) -> tuple[Workspace, Consortium]:
    """Return a consortium's folder and its agreements."""
    workspace = Workspace(folder)
    return workspace, Consortium.load(workspace.consortium)


def open_parties(folder: Path, rpc_url: str, srs: Path | None) -> tuple[PartyOpener, Consortium]:
    """Return what opens the parties of a consortium's folder, and its agreements."""
    workspace, consortium = open_folder(folder)
    deployment = load_deployment(workspace.deployment)
    foundation = load_foundation(consortium, srs)
    return PartyOpener(workspace, consortium, foundation, deployment, rpc_url), consortium


def load_foundation(consortium: Consortium, srs: Path | None) -> Foundation:
    """Return SRS and circuits, showing that it takes time."""
    with error_console().status("loading circuits (built once a machine) …"):
        return found(consortium, srs)


def saying(name: str) -> StepCallback:
    """Return a callback that prints the steps of a party."""
    return lambda step: say(f"{name}: {step}")


def say(step: str) -> None:
    """Print one line of progress."""
    error_console().print(f"  {step}", markup=False)


def show(what: str, result: TxResult | None) -> None:
    """Print what was done and what it cost."""
    if result is None:
        error_console().print(f"{what}: done before", markup=False)
    else:
        gas = f"{result.gas_used:,} gas"
        error_console().print(f"{what} ({gas}, {result.tx_hash})", markup=False)
