"""``zkfl council``: the members of a consortium decide together."""
# ruff: noqa: PLC0415 - help must not wait for web3

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.completion import hospital_names

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


class RoleName(Enum):
    """Roles that are given by vote."""

    AGGREGATOR = "aggregator"
    GUARDIAN = "guardian"
    KEY_HOLDER = "key-holder"


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
    from zkfl.cli import council_steps

    rules = quorum_bps, delay, membership_delay, lifetime
    council_steps.hand_over(folder, rules, rpc_url, yes=yes)


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
    from zkfl.cli import council_steps

    council_steps.proposed(
        *council_steps.open_council(folder, site, rpc_url).propose_member(account, name, why)
    )


@council.command("propose-removal")
def propose_removal(
    folder: Folder, site: Site, account: Account, why: Why, rpc_url: RpcUrl = _DEFAULT_RPC
) -> None:
    """Propose to remove a hospital.

    Example:  zkfl council propose-removal consortium --site hospital-01 --account 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --why "stopped three rounds"
    """  # noqa: E501 (one command to copy)
    from zkfl.cli import council_steps

    council_steps.proposed(
        *council_steps.open_council(folder, site, rpc_url).propose_removal(account, why)
    )


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
    from zkfl.cli import council_steps

    council_steps.proposed(
        *council_steps.open_council(folder, site, rpc_url).propose_account(
            account, new_account, why
        )
    )


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
    from zkfl.cli import council_steps

    council_steps.propose_role(folder, site, role.name, account, why, rpc_url, revoke=revoke)


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
    from zkfl.cli import council_steps

    desk = council_steps.open_council(folder, site, rpc_url)
    council_steps.proposed(*desk.propose_circuit(circuit, verifier, proof_length, commitments, why))


@council.command("propose-circuit-removal")
def propose_circuit_removal(
    folder: Folder, site: Site, circuit: Circuit, why: Why, rpc_url: RpcUrl = _DEFAULT_RPC
) -> None:
    """Propose that no proof of a circuit is accepted any more. It never comes back.

    Example:  zkfl council propose-circuit-removal consortium --site hospital-01 --circuit 0d80167300000000000000000000000000000000000000000000000000000000 --why "verifier has a bug"
    """  # noqa: E501 (one command to copy)
    from zkfl.cli import council_steps

    council_steps.proposed(
        *council_steps.open_council(folder, site, rpc_url).propose_circuit_removal(circuit, why)
    )


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
    from zkfl.cli import council_steps

    council_steps.vote(folder, number, site, digest, rpc_url)


@council.command()
def withdraw(folder: Folder, number: Number, site: Site, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Take a vote back.

    Example:  zkfl council withdraw consortium 3 --site hospital-02
    """
    from zkfl.cli import council_steps

    council_steps.withdraw(folder, number, site, rpc_url)


@council.command()
def execute(
    folder: Folder, number: Number, site: Payer = None, rpc_url: RpcUrl = _DEFAULT_RPC
) -> None:
    """Do what a proposal says, once it has its quorum and has waited; anyone may.

    Example:  zkfl council execute consortium 3
    """
    from zkfl.cli import council_steps

    council_steps.execute(folder, number, site, rpc_url)


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
    from zkfl.cli import council_steps

    council_steps.show_proposals(folder, last, site, rpc_url)
