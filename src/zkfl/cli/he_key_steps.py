"""Making, sharing and announcing the HE key."""

from dataclasses import asdict
from pathlib import Path

import typer

from zkfl.atomic_file import write_atomically
from zkfl.card_check import require_announced
from zkfl.card_folder import load_cards
from zkfl.chain.deployment import load_deployment
from zkfl.chain.roles import Role, Roles
from zkfl.cli.consortium_session import (
    StepError,
    chosen_site,
    deployment_of,
    open_folder,
    open_parties,
    show,
)
from zkfl.cli.output import error_console, tell, tell_entry
from zkfl.consortium import Consortium
from zkfl.encryption import scheme_named
from zkfl.foreign_text import foreign_text
from zkfl.founding import create_encryption_keys
from zkfl.joining import write_card
from zkfl.key_holders import key_holders
from zkfl.node.home import NodeHome
from zkfl.node.key_holder import acknowledge_encryption_context, announce_encryption_context
from zkfl.node.key_sharing import SEALED_LIMIT, KeySharingError, open_he_key, seal_he_key
from zkfl.parties import open_reader
from zkfl.party_card import PartyCard
from zkfl.party_store import store_of
from zkfl.public_file import PublicFileError, read_public_file
from zkfl.workspace import Workspace


def create(folder: Path, site: str | None) -> None:
    """Make HE keys for a hospital that holds none."""
    workspace, consortium = open_folder(folder)
    name = chosen_site(workspace, consortium, site)
    create_encryption_keys(NodeHome.open(workspace.site(name)), scheme_named(consortium.scheme))
    _tell_card(write_card(workspace, consortium, name))


def seal(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Path, to: str, out: Path, site: str | None, fingerprint: str | None, rpc_url: str
) -> None:
    """Seal the HE key to another hospital, once people have compared its fingerprint."""
    workspace, consortium = open_folder(folder)
    name = chosen_site(workspace, consortium, site)
    cards = load_cards(workspace.cards, consortium)
    receiver, own = _card(cards, to, workspace), _card(cards, name, workspace)
    if own.encryption_context is None:
        raise StepError(f"{name} holds no HE key: the key holder seals it")
    if workspace.deployment.exists():
        deployment = load_deployment(workspace.deployment)
        require_announced(receiver, open_reader(workspace, deployment, rpc_url))
    _confirm(receiver, fingerprint)
    home = NodeHome.open(workspace.site(name))
    write_atomically(out, seal_he_key(home, receiver, own.encryption_context))
    tell(f"sealed       {out}", sealed=str(out), to=to)
    tell(f"fingerprint  {receiver.fingerprint()}  {to}", fingerprint=receiver.fingerprint())


def open_(folder: Path, sealed: Path, site: str | None) -> None:
    """Open a sealed HE key, try it, keep it."""
    workspace, consortium = open_folder(folder)
    name = chosen_site(workspace, consortium, site)
    home = NodeHome.open(workspace.site(name))
    try:
        content = read_public_file(sealed, SEALED_LIMIT)
    except PublicFileError as error:
        raise KeySharingError(str(error)) from error
    public = store_of(home, workspace).get(bytes.fromhex(_announced(workspace, consortium)))
    own = _card(load_cards(workspace.cards, consortium), name, workspace)
    if not open_he_key(home, own, content, public, scheme_named(consortium.scheme)):
        error_console().print(f"{name} holds this key already", markup=False)
    _tell_card(write_card(workspace, consortium, name))


def announce(folder: Path, site: str | None, rpc_url: str, srs: Path | None) -> None:
    """Announce the public context of the HE key that a hospital holds."""
    workspace, consortium = open_folder(folder)
    name = chosen_site(workspace, consortium, site)
    home = NodeHome.open(workspace.site(name))
    if not home.he_public.exists():
        raise StepError(f"{name} holds no HE key: make one first (zkfl he-key create)")
    registry = open_parties(workspace, consortium, rpc_url, srs).registry(home)
    result = announce_encryption_context(home, registry, store_of(home, workspace))
    show("encryption context announced", result)


def acknowledge(folder: Path, site: str | None, rpc_url: str, srs: Path | None) -> None:
    """State on chain that a hospital holds the HE key."""
    workspace, consortium = open_folder(folder)
    name = chosen_site(workspace, consortium, site)
    home = NodeHome.open(workspace.site(name))
    registry = open_parties(workspace, consortium, rpc_url, srs).registry(home)
    roles = Roles(registry.client, registry.address, registry.abi)
    if not roles.holds(Role.KEY_HOLDER, str(registry.client.sender)):
        raise StepError(
            f"{name} may not open sums: the office names it (zkfl deploy --key-holder {name}) "
            "before it acknowledges the key"
        )
    result = acknowledge_encryption_context(home, registry, scheme_named(consortium.scheme))
    show("encryption context acknowledged", result)


def holders(folder: Path, rpc_url: str) -> bool:
    """Show who may open sums; False if one of them has not acknowledged the context."""
    workspace, _ = open_folder(folder)
    registry = open_reader(workspace, deployment_of(workspace), rpc_url)
    context = registry.encryption_context().hex()
    tell(f"context      {context}", context=context)
    found = key_holders(registry)
    width = max((len(holder.name) for holder in found), default=0)
    for holder in found:
        said = "acknowledged" if holder.acknowledged else "not acknowledged"
        text = f"{holder.name:{width}}  {holder.account}  {said}"
        tell_entry("holders", asdict(holder), text)
    return all(holder.acknowledged for holder in found)


def _confirm(receiver: PartyCard, said: str | None) -> None:
    """Compare a card's fingerprint with what its hospital said, or ask who has compared it."""
    name, shown = receiver.name, receiver.fingerprint()
    if said is None:
        error_console().print(f"fingerprint  {shown}  {name}", markup=False)
        question = f"Did {name} itself read out this fingerprint? Whoever has the key can open sums"
        typer.confirm(question, abort=True, err=True)
    elif "".join(said.split()).lower() != shown.replace(" ", ""):
        raise StepError(
            f"the card of {name} has the fingerprint {shown}, not {foreign_text(said)}: it is not "
            "the card that the hospital speaks of; nothing was sealed"
        )


def _announced(workspace: Workspace, consortium: Consortium) -> str:
    """Return the hash of the context that the key holder's card states."""
    holder = consortium.hospitals[0]
    card = _card(load_cards(workspace.cards, consortium), holder, workspace)
    if card.encryption_context is None:
        raise StepError(f"the card of {holder} states no encryption context: ask for its newest")
    return card.encryption_context


def _card(cards: dict[str, PartyCard], name: str, workspace: Workspace) -> PartyCard:
    if name not in cards:
        raise StepError(f"{workspace.cards} holds no card of {name}: put it there first")
    return cards[name]


def _tell_card(card: PartyCard) -> None:
    tell(f"context      {card.encryption_context}", context=card.encryption_context)
    tell(f"fingerprint  {card.fingerprint()}", fingerprint=card.fingerprint())
    error_console().print("the card was written anew: send it to the office", markup=False)
