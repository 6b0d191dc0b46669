"""What the steps of a consortium share: opening its folder, and refusing what comes too early."""

from pathlib import Path

from zkfl.chain.deployment import Deployment, load_deployment
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.cli.output import error_console
from zkfl.cli.step_report import say, saying, show
from zkfl.consortium import Consortium
from zkfl.errors import ZkflError
from zkfl.founding import Foundation, found
from zkfl.parties import PartyOpener
from zkfl.workspace import Workspace

__all__ = [
    "StepError",
    "chosen_site",
    "chosen_sites",
    "current_round",
    "deployment_of",
    "load_foundation",
    "open_folder",
    "open_parties",
    "say",
    "saying",
    "show",
]
_NO_ROUND = {
    RoundStatus.NONE: "there was none yet",
    RoundStatus.FINAL: "the latest, {}, is final",
    RoundStatus.FAILED: "the latest, {}, failed, and the model is what it was before",
}


class StepError(ZkflError):
    """A step cannot be taken now, or not by the hospital that was named."""


def open_folder(folder: Path) -> tuple[Workspace, Consortium]:
    """Return a consortium's folder and its agreements."""
    workspace = Workspace(folder)
    return workspace, Consortium.load(workspace.consortium)


def deployment_of(workspace: Workspace) -> Deployment:
    """Return where a consortium lives on chain.

    Raises
    ------
    StepError
        It does not yet.
    """
    if not workspace.deployment.exists():
        root = workspace.root
        raise StepError(f"{root} is on no chain yet: run zkfl deploy {root} first")
    return load_deployment(workspace.deployment)


def open_parties(
    workspace: Workspace, consortium: Consortium, rpc_url: str, srs: Path | None
) -> PartyOpener:
    """Return what opens the parties of a consortium's folder."""
    deployment = deployment_of(workspace)
    foundation = load_foundation(consortium, srs)
    return PartyOpener(workspace, consortium, foundation, deployment, rpc_url)


def load_foundation(consortium: Consortium, srs: Path | None) -> Foundation:
    """Return SRS and circuits, showing that it takes time."""
    with error_console().status("loading circuits (built once a machine) …"):
        return found(consortium, srs)


def chosen_sites(
    consortium: Consortium, site: list[str] | None, workspace: Workspace | None = None
) -> tuple[str, ...]:
    """Return the hospitals that a command is for: those that were named, else all that are here.

    Parameters
    ----------
    consortium, site
        Its hospitals, and those that were named.
    workspace
        Whose hospitals count as here; all do if None.

    Raises
    ------
    StepError
        The consortium has no hospital of a name, or the folder holds none.
    """
    unknown = sorted(set(site or ()) - set(consortium.hospitals))
    if unknown:
        raise StepError(
            f"the consortium has no hospital {', '.join(map(repr, unknown))}: it has "
            f"{', '.join(consortium.hospitals)}"
        )
    if site or workspace is None:
        return tuple(site) if site else consortium.hospitals
    here = workspace.present(consortium.hospitals)
    if not here:
        raise StepError(
            f"{workspace.root} holds no hospital of {consortium.name}: open the folder of one "
            "(zkfl join makes it)"
        )
    return here


def chosen_site(workspace: Workspace, consortium: Consortium, site: str | None) -> str:
    """Return the one hospital that a command is for: the one that was named, else the one here.

    Raises
    ------
    StepError
        The consortium has no hospital of the name, or the folder holds several or none.
    """
    names = chosen_sites(consortium, [site] if site else None, workspace)
    if len(names) != 1:
        raise StepError(
            f"{workspace.root} holds {len(names)} hospitals, {', '.join(names)}: name one (--site)"
        )
    return names[0]


def current_round(registry: Registry) -> int:
    """Return the round in progress.

    Raises
    ------
    StepError
        No round is open.
    """
    round_id = registry.current_round()
    status = registry.round(round_id).status
    if not status.in_progress:
        why = _NO_ROUND[status].format(round_id)
        raise StepError(f"no round is open ({why}): run zkfl open first")
    return round_id
