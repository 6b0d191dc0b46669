"""Who is who in a consortium: accounts by name, from folders that are here and from cards."""

from collections.abc import Mapping
from pathlib import Path

from zkfl.consortium import Consortium
from zkfl.errors import ZkflError
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_account
from zkfl.party_card import PartyCard
from zkfl.workspace import ROLES, Workspace


class RosterError(ZkflError):
    """A party is neither here nor among the cards, or is another there."""


def accounts_here(workspace: Workspace, consortium: Consortium) -> dict[str, str]:
    """Return the accounts of the parties whose folders are here, by name."""
    folders = {name: workspace.role(name) for name in ROLES}
    folders |= {name: workspace.site(name) for name in consortium.hospitals}
    return {name: _account(path) for name, path in folders.items() if path.exists()}


def known_accounts(
    workspace: Workspace, consortium: Consortium, cards: Mapping[str, PartyCard]
) -> dict[str, str]:
    """Return the accounts of parties that are here or sent a card, by name.

    Raises
    ------
    RosterError
        A party's card names another account than its folder has.
    """
    here = accounts_here(workspace, consortium)
    for name, account in here.items():
        if name in cards and cards[name].account != account:
            raise RosterError(
                f"the card of {name} names {cards[name].account}, its folder here has {account}: "
                "remove the card that is not its own"
            )
    return {name: card.account for name, card in cards.items()} | here


def all_accounts(
    workspace: Workspace, consortium: Consortium, cards: Mapping[str, PartyCard]
) -> dict[str, str]:
    """Return the account of every hospital and of every role, by name.

    Raises
    ------
    RosterError
        One is not known, or known as two.
    """
    known = known_accounts(workspace, consortium, cards)
    missing = [name for name in (*consortium.hospitals, *ROLES) if name not in known]
    if missing:
        raise RosterError(
            f"{', '.join(missing)}: no folder in {workspace.root} and no card; have each party "
            f"join (zkfl join) and send its card, and put the cards into {workspace.cards}"
        )
    return known


def _account(folder: Path) -> str:
    return str(open_account(NodeHome.open(folder)).address)
