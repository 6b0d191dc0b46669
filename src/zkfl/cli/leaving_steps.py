"""A hospital leaves the consortium, from the command line."""

from pathlib import Path

from zkfl.chain.registry import Registry
from zkfl.cli.consortium_session import (
    StepError,
    chosen_sites,
    open_folder,
    open_parties,
    say,
    show,
)
from zkfl.cli.output import tell
from zkfl.node.home import NodeHome


def leave(folder: Path, site: str, rpc_url: str, srs: Path | None, *, yes: bool) -> None:
    """Take a hospital out of all further rounds; only the council can take it back."""
    workspace, consortium = open_folder(folder)
    [name] = chosen_sites(consortium, [site])
    opener = open_parties(workspace, consortium, rpc_url, srs)
    registry = opener.registry(NodeHome.open(workspace.site(name)))
    account = str(registry.client.sender)
    if registry.member_id_of(account) and not registry.member_of(account).active:
        show(f"{name}: left", None)
        return
    _require_between_rounds(registry, name)
    if not yes:
        raise StepError(
            f"{name} would take part in no further round, and only the council could take it "
            "back: if that is meant, add --yes"
        )
    if opener.deployment.key_holder == account:
        say(f"{name} was deployed as the key holder: the council is to name another one")
    show(f"{name}: left", registry.leave())
    active = sum(registry.member_of(member).active for member in registry.members())
    needed = registry.config().min_cohort
    tell(
        f"members  {active} active, {needed} are needed for a round",
        active_members=active,
        min_cohort=needed,
    )


def _require_between_rounds(registry: Registry, name: str) -> None:
    round_id = registry.current_round()
    status = registry.round(round_id).status
    if status.in_progress:
        raise StepError(
            f"round {round_id} is {status.name}: {name} can leave once it has ended (zkfl status)"
        )
