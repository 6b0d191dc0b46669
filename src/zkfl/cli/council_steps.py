"""What a council's members do together, from the words of the command line to what is shown."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import typer

from zkfl.chain.council_record import load_council
from zkfl.chain.council_states import CouncilRules, ProposalStatus
from zkfl.chain.deployment import load_deployment
from zkfl.chain.roles import Role
from zkfl.chain.transactions import TxResult
from zkfl.cli.output import error_console, tell, tell_entry
from zkfl.cli.step_report import say, show
from zkfl.council import CouncilDesk, CouncilError, Entry, open_desk, open_reading_desk
from zkfl.hand_over import hand_over as hand_over_powers
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_client
from zkfl.workspace import Workspace

_DIGEST_SHOWN = 16
_Opener = Callable[[Workspace, NodeHome, str], CouncilDesk]


def hand_over(folder: Path, rules: tuple[int, int, int, int], rpc_url: str, *, yes: bool) -> None:
    """As the office: create the council and give it every power of the owner, for good."""
    workspace = Workspace(folder)
    deployment = load_deployment(workspace.deployment)
    if not yes:
        typer.confirm("The office can undo nothing of this. Go on?", abort=True, err=True)
    office = open_client(NodeHome.open(workspace.role("office")), rpc_url, deployment.chain_id)
    record = hand_over_powers(workspace, office, CouncilRules(*rules), say)
    tell(f"council  {record.council}", council=record.council)


def propose_role(  # noqa: PLR0913, PLR0917 - each is an option of the command
    folder: Path, site: str, role: str, account: str, why: str, rpc_url: str, *, revoke: bool
) -> None:
    """Propose to give an account a role, or to take it away."""
    desk = open_council(folder, site, rpc_url)
    propose = desk.propose_role_removal if revoke else desk.propose_role
    proposed(*propose(Role[role], account, why))


def vote(folder: Path, number: int, site: str, digest: str | None, rpc_url: str) -> None:
    """Vote for a proposal whose digest was read, or that the hospital is shown and asked about."""
    desk = open_council(folder, site, rpc_url)
    entry = desk.entry(number)
    _print_entry(entry)
    if digest is not None:
        desk.require_digest(entry, digest)
    else:
        typer.confirm(f"{site} votes for this. Go on?", abort=True, err=True)
    show(f"{site}: voted for proposal {number}", desk.vote(entry))


def withdraw(folder: Path, number: int, site: str, rpc_url: str) -> None:
    """Take a vote back."""
    desk = open_council(folder, site, rpc_url)
    show(f"{site}: vote for proposal {number} withdrawn", desk.council.withdraw_vote(number))


def execute(folder: Path, number: int, site: str | None, rpc_url: str) -> None:
    """Do what a proposal says."""
    desk = open_council(folder, site, rpc_url)
    entry = desk.entry(number)
    if entry.quorum_unrecorded:
        show(f"proposal {number}: quorum recorded", desk.council.recount(number))
        entry = desk.entry(number)
    if entry.status is ProposalStatus.DELAYED:
        raise CouncilError(f"proposal {number} waits until {_time(entry.ready_at)}")
    show(f"proposal {number}: executed", desk.council.execute(number))
    say(entry.sentence)


def show_proposals(folder: Path, last: int, site: str | None, rpc_url: str) -> None:
    """Show the latest proposals, the latest one first."""
    desk = open_council(folder, site, rpc_url, open_reading_desk)
    rules = desk.council.rules()
    say(f"quorum {rules.quorum_bps / 100:g} % of the active members, rounded up")
    with error_console().status("asking the chain …"):
        entries = list(desk.entries(last))
    for entry in entries:
        _print_entry(entry)
    if not entries:
        say("no proposals yet")


def open_council(
    folder: Path, site: str | None, rpc_url: str, opened: _Opener = open_desk
) -> CouncilDesk:
    """Return the council for a hospital, else for the office or the party that is here."""
    workspace = Workspace(folder)
    # before any key is unlocked
    load_council(workspace.council, load_deployment(workspace.deployment))
    home = NodeHome.open(workspace.site(site) if site else _party_here(workspace))
    with error_console().status("comparing the council with this checkout …"):
        return opened(workspace, home, rpc_url)


def _party_here(workspace: Workspace) -> Path:
    """Return the office's folder, or else that of a party that is here."""
    office = workspace.role("office")
    return office if office.exists() else workspace.any_party() or office


def proposed(number: int, result: TxResult) -> None:
    """Show that a proposal was made."""
    show(f"proposal {number} made, and voted for", result)
    tell(f"proposal  {number}", proposal=number)


def _print_entry(entry: Entry) -> None:
    tally, proposal = entry.tally, entry.proposal
    lines = [
        f"proposal  {entry.number} {entry.status.name}",
        f"does      {entry.sentence}",
        f"because   {entry.description}",
        f"by        {entry.proposer}",
        f"votes     {tally.votes} of {tally.active} members, {tally.needed} needed",
        f"digest    {proposal.digest().hex()[:_DIGEST_SHOWN]}",
        f"expires   {_time(proposal.expires_at)}",
    ]
    if entry.ready_at and not proposal.executed:
        lines.append(f"ready     {_time(entry.ready_at)}")
    if entry.quorum_unrecorded:
        lines.append("quorum    reached by a change of members: zkfl council execute records it")
    tell_entry("proposals", _facts(entry), "\n".join([*lines, ""]))


def _facts(entry: Entry) -> dict[str, object]:
    """Return what a proposal's lines say, for programs."""
    tally, proposal = entry.tally, entry.proposal
    return {
        "proposal": entry.number,
        "status": entry.status.name,
        "does": entry.sentence,
        "because": entry.description,
        "by": entry.proposer,
        "votes": tally.votes,
        "active": tally.active,
        "needed": tally.needed,
        "digest": proposal.digest().hex(),
        "expires_at": proposal.expires_at,
        "ready_at": entry.ready_at,
        "executed": proposal.executed,
        "quorum_unrecorded": entry.quorum_unrecorded,
    }


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        # only an endpoint that lies says so
        return f"second {seconds} after 1970"
