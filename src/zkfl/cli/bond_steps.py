"""Bonds, from the command line."""

from pathlib import Path

from rich.table import Table

from zkfl.chain.bond_vault import BondVault
from zkfl.chain.deploy import NO_VAULT
from zkfl.chain.registry import Registry
from zkfl.cli.consortium_session import (
    StepError,
    chosen_sites,
    open_folder,
    open_parties,
    say,
    show,
)
from zkfl.cli.output import keep_facts, show_table, tell
from zkfl.cli.round_status import moment
from zkfl.member_names import hospital_name
from zkfl.node.home import NodeHome


def deposit(folder: Path, site: str, wei: int | None, rpc_url: str, srs: Path | None) -> None:
    """Stake for a hospital: what was named, or what its bond lacks."""
    vault, registry = _opened(folder, site, rpc_url, srs)
    member = str(registry.client.sender)
    stake = vault.stake_of(registry.member_id_of(member))
    amount = wei or max(0, vault.bond() - stake.staked)
    if amount == 0:
        say(f"{site}: the bond is covered ({stake.staked} wei)")
        return
    show(f"{site}: {amount} wei staked", vault.deposit(member, amount))


def withdraw(folder: Path, site: str, wei: int | None, rpc_url: str, srs: Path | None) -> None:
    """Request a withdrawal, or pay out what was requested."""
    vault, registry = _opened(folder, site, rpc_url, srs)
    if wei is None:
        show(f"{site}: paid out", vault.withdraw())
        return
    result = vault.request_withdrawal(wei)
    stake = vault.stake_of(registry.member_id_of(str(registry.client.sender)))
    show(f"{site}: {wei} wei requested", result)
    say(f"{site}: {stake.leaving} wei can be withdrawn after {moment(stake.leaves_at)}")


def show_stakes(folder: Path, rpc_url: str, srs: Path | None) -> None:
    """Show every member's stake, in wei."""
    vault, registry = _opened(folder, None, rpc_url, srs)
    table = Table("member", "account", "staked", "leaving", "covers the bond")
    stakes: list[dict[str, object]] = []
    for member in registry.members():
        member_id = registry.member_id_of(member)
        stake = vault.stake_of(member_id)
        covers = vault.covers(member_id)
        name = hospital_name(registry, member)
        amounts = str(stake.staked), str(stake.leaving)
        table.add_row(name, member, *amounts, "yes" if covers else "no")
        stakes.append(
            {
                "name": name,
                "account": member,
                "staked_wei": stake.staked,
                "leaving_wei": stake.leaving,
                "leaves_at": stake.leaves_at,
                "covers": covers,
            }
        )
    bond, slashed = vault.bond(), vault.slashed()
    keep_facts(stakes=stakes)
    show_table(table)
    tell(
        f"bond {bond} wei, slashed and not claimed {slashed} wei",
        bond_wei=bond,
        slashed_wei=slashed,
    )


def _opened(
    folder: Path, site: str | None, rpc_url: str, srs: Path | None
) -> tuple[BondVault, Registry]:
    workspace, consortium = open_folder(folder)
    (name, *_) = chosen_sites(consortium, [site] if site else None, workspace)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    address = opener.deployment.bond_vault
    if address == NO_VAULT:
        raise StepError("this consortium asks for no bonds: bond_wei is 0 in consortium.json")
    registry = opener.registry(NodeHome.open(workspace.site(name)))
    return BondVault(registry.client, address, opener.deployment.block_number), registry
