"""``zkfl council``: the members of a consortium decide together."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from zkfl.chain.council_record import load_council
from zkfl.chain.council_states import CouncilRules, ProposalStatus
from zkfl.chain.deployment import load_deployment
from zkfl.chain.roles import Role
from zkfl.chain.transactions import TxResult
from zkfl.cli.completion import hospital_names
from zkfl.cli.output import error_console, keep_note, keep_step, tell, tell_entry
from zkfl.council import CouncilDesk, CouncilError, Entry, open_desk, open_reading_desk
from zkfl.hand_over import hand_over as hand_over_powers
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_client
from zkfl.workspace import Workspace

council = typer.Typer(
    help="The members of a consortium decide together: who belongs to it, who holds a role, "
    "which circuits count.",
    no_args_is_help=True,
)
Folder = Annotated[Path, typer.Argument(help="The consortium's folder, made by zkfl init.")]
Number = Annotated[int, typer.Argument(min=1, help="Of the proposal, from zkfl council list.")]
RpcUrl = Annotated[str, typer.Option(envvar="ZKFL_RPC_URL", help="HTTP endpoint of the chain.")]
Site = Annotated[str, typer.Option(help="The hospital that signs.", autocompletion=hospital_names)]
Payer = Annotated[
    str | None,
    typer.Option(
        help="Hospital that pays; default: the office, or else the party that is here.",
        autocompletion=hospital_names,
    ),
]
Reader = Annotated[
    str | None,
    typer.Option(
        help="Hospital whose settings name the endpoint; default: the office, or else the party "
        "that is here. No key is unlocked.",
        autocompletion=hospital_names,
    ),
]
Account = Annotated[str, typer.Option(help="Address, with its capitals.")]
Circuit = Annotated[str, typer.Option(help="Hash of the circuit's manifest, 64 digits.")]
Why = Annotated[str, typer.Option(help="For the others to read, up to 512 bytes.")]
_DEFAULT_RPC = "http://127.0.0.1:8545"
_DAY = 86_400
_DIGEST_SHOWN = 16
_Opener = Callable[[Workspace, NodeHome, str], CouncilDesk]


class RoleName(Enum):
    """Roles that are given by vote."""

    AGGREGATOR = "aggregator"
    GUARDIAN = "guardian"
    KEY_HOLDER = "key-holder"

    def role(self) -> Role:
        """Return the registry's role."""
        return Role[self.name]


@council.command("hand-over")
def hand_over(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Folder,
    quorum_bps: Annotated[
        int, typer.Option(min=5_001, max=10_000, help="Votes needed, in 1/10000 of the members.")
    ] = 6_666,
    delay: Annotated[
        int, typer.Option(min=0, help="Seconds from quorum to execution: roles and circuits.")
    ] = 2 * _DAY,
    membership_delay: Annotated[
        int, typer.Option(min=0, help="The same for members; 0 for at once.")
    ] = _DAY,
    lifetime: Annotated[
        int, typer.Option(min=1, help="Seconds from proposal to expiry, more than both delays.")
    ] = 14 * _DAY,
    rpc_url: RpcUrl = _DEFAULT_RPC,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002
) -> None:
    """As the office: create the council and give it every power of the owner, for good.

    Example:  zkfl council hand-over consortium --delay 172800 --yes
    """
    workspace = Workspace(folder)
    deployment = load_deployment(workspace.deployment)
    if not yes:
        typer.confirm("The office can undo nothing of this. Go on?", abort=True, err=True)
    office = open_client(NodeHome.open(workspace.role("office")), rpc_url, deployment.chain_id)
    rules = CouncilRules(quorum_bps, delay, membership_delay, lifetime)
    record = hand_over_powers(workspace, office, rules, _say)
    tell(f"council  {record.council}", council=record.council)


@council.command("propose-member")
def propose_member(  # noqa: PLR0913, PLR0917 - as above
    folder: Folder,
    site: Site,
    account: Account,
    name: Annotated[str, typer.Option(help="Of the new hospital, 1 to 64 bytes.")],
    why: Why,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Propose to add a hospital, or to take one back.

    Example:  zkfl council propose-member consortium --site hospital-01 --account 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --name "Hospital 5" --why "agreed on 3 May"
    """  # noqa: E501 (one command to copy)
    _proposed(*_desk(folder, site, rpc_url).propose_member(account, name, why))


@council.command("propose-removal")
def propose_removal(
    folder: Folder, site: Site, account: Account, why: Why, rpc_url: RpcUrl = _DEFAULT_RPC
) -> None:
    """Propose to remove a hospital.

    Example:  zkfl council propose-removal consortium --site hospital-01 --account 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --why "stopped three rounds"
    """  # noqa: E501 (one command to copy)
    _proposed(*_desk(folder, site, rpc_url).propose_removal(account, why))


@council.command("propose-account")
def propose_account(  # noqa: PLR0913, PLR0917 - as above
    folder: Folder,
    site: Site,
    account: Account,
    new_account: Annotated[str, typer.Option(help="Its new one, fresh, with its capitals.")],
    why: Why,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Propose another account for a hospital that lost its chain key.

    Example:  zkfl council propose-account consortium --site hospital-01 --account 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --new-account 0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359 --why "laptop lost"
    """  # noqa: E501 (one command to copy)
    _proposed(*_desk(folder, site, rpc_url).propose_account(account, new_account, why))


@council.command("propose-role")
def propose_role(  # noqa: PLR0913, PLR0917 - as above
    folder: Folder,
    site: Site,
    role: Annotated[RoleName, typer.Option(help="The role.")],
    account: Account,
    why: Why,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it away.")] = False,  # noqa: FBT002
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Propose to give an account a role, or to take it away.

    Example:  zkfl council propose-role consortium --site hospital-01 --role aggregator --account 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --why "new data centre"
    """  # noqa: E501 (one command to copy)
    desk = _desk(folder, site, rpc_url)
    propose = desk.propose_role_removal if revoke else desk.propose_role
    _proposed(*propose(role.role(), account, why))


@council.command("propose-circuit")
def propose_circuit(  # noqa: PLR0913, PLR0917 - as above
    folder: Folder,
    site: Site,
    circuit: Circuit,
    verifier: Annotated[str, typer.Option(help="Address of the verifier's contract.")],
    proof_length: Annotated[int, typer.Option(help="Bytes of every proof.")],
    commitments: Annotated[int, typer.Option(help="Points at the start of a proof.")],
    why: Why,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Propose to register the verifier of a new circuit. Compare its code before you vote.

    Example:  zkfl council propose-circuit consortium --site hospital-01 --circuit 0d80167300000000000000000000000000000000000000000000000000000000 --verifier 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --proof-length 5152 --commitments 6 --why "circuit of version 2"
    """  # noqa: E501 (one command to copy)
    desk = _desk(folder, site, rpc_url)
    _proposed(*desk.propose_circuit(circuit, verifier, proof_length, commitments, why))


@council.command("propose-circuit-removal")
def propose_circuit_removal(
    folder: Folder, site: Site, circuit: Circuit, why: Why, rpc_url: RpcUrl = _DEFAULT_RPC
) -> None:
    """Propose that no proof of a circuit is accepted any more. It never comes back.

    Example:  zkfl council propose-circuit-removal consortium --site hospital-01 --circuit 0d80167300000000000000000000000000000000000000000000000000000000 --why "verifier has a bug"
    """  # noqa: E501 (one command to copy)
    _proposed(*_desk(folder, site, rpc_url).propose_circuit_removal(circuit, why))


@council.command()
def vote(
    folder: Folder,
    number: Number,
    site: Site,
    digest: Annotated[
        str | None,
        typer.Option(help="First 16 digits or more, as you read them; without: asks you."),
    ] = None,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Vote for a proposal; not voting is voting against.

    Example:  zkfl council vote consortium 3 --site hospital-02 --digest 4f1d2c3b5a697887
    """
    desk = _desk(folder, site, rpc_url)
    entry = desk.entry(number)
    _print_entry(entry)
    if digest is not None:
        desk.require_digest(entry, digest)
    else:
        typer.confirm(f"{site} votes for this. Go on?", abort=True, err=True)
    _show(f"{site}: voted for proposal {number}", desk.vote(entry))


@council.command()
def withdraw(folder: Folder, number: Number, site: Site, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Take a vote back.

    Example:  zkfl council withdraw consortium 3 --site hospital-02
    """
    desk = _desk(folder, site, rpc_url)
    _show(f"{site}: vote for proposal {number} withdrawn", desk.council.withdraw_vote(number))


@council.command()
def execute(
    folder: Folder, number: Number, site: Payer = None, rpc_url: RpcUrl = _DEFAULT_RPC
) -> None:
    """Do what a proposal says, once it has its quorum and has waited; anyone may.

    Example:  zkfl council execute consortium 3
    """
    desk = _desk(folder, site, rpc_url)
    entry = desk.entry(number)
    if entry.quorum_unrecorded:
        _show(f"proposal {number}: quorum recorded", desk.council.recount(number))
        entry = desk.entry(number)
    if entry.status is ProposalStatus.DELAYED:
        raise CouncilError(f"proposal {number} waits until {_time(entry.ready_at)}")
    _show(f"proposal {number}: executed", desk.council.execute(number))
    _say(entry.sentence)


@council.command("list")
def list_(
    folder: Folder,
    last: Annotated[int, typer.Option(min=1, max=1_000, help="How many.")] = 20,
    site: Reader = None,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Show the latest proposals, the latest one first.

    Example:  zkfl council list consortium --last 5
    """
    desk = _desk(folder, site, rpc_url, open_reading_desk)
    rules = desk.council.rules()
    _say(f"quorum {rules.quorum_bps / 100:g} % of the active members, rounded up")
    with error_console().status("asking the chain …"):
        entries = list(desk.entries(last))
    for entry in entries:
        _print_entry(entry)
    if not entries:
        _say("no proposals yet")


def _desk(folder: Path, site: str | None, rpc_url: str, opened: _Opener = open_desk) -> CouncilDesk:
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


def _proposed(number: int, result: TxResult) -> None:
    _show(f"proposal {number} made, and voted for", result)
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


def _say(step: str) -> None:
    keep_note(step)
    error_console().print(f"  {step}", markup=False)


def _show(what: str, result: TxResult) -> None:
    keep_step(what, done="now", gas_used=result.gas_used, tx_hash=result.tx_hash)
    error_console().print(f"{what} ({result.gas_used:,} gas, {result.tx_hash})", markup=False)
