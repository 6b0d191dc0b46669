"""Cards of parties: made when a party joins, shown, and compared with what was deployed."""

from collections.abc import Mapping
from pathlib import Path

from eth_utils.address import is_checksum_address

from zkfl.card_check import check_deployed, council_of
from zkfl.card_folder import card_path, load_cards
from zkfl.chain.deployment import load_deployment
from zkfl.cli.consortium_session import open_folder
from zkfl.cli.output import error_console, keep_facts, tell, tell_entry
from zkfl.joining import join_consortium
from zkfl.node.home import NodeHome
from zkfl.parties import open_reader
from zkfl.party_card import HOSPITAL, PartyCard
from zkfl.workspace import Workspace


def join(agreements: Path, folder: Path, name: str) -> None:
    """Make a party's own folder, keys and card."""
    with error_console().status("making keys …"):
        card = join_consortium(agreements, folder, name)
    workspace = Workspace(folder)
    path = card_path(workspace.cards, name)
    tell(f"account      {card.account}", name=name, account=card.account)
    tell(f"agreements   {card.consortium}", agreements=card.consortium)
    tell(f"fingerprint  {card.fingerprint()}", fingerprint=card.fingerprint())
    tell(f"card         {path}", card=str(path))
    if card.role == HOSPITAL:
        records = NodeHome(workspace.site(name)).records
        if not records.exists():
            error_console().print(f"put the hospital's records at {records}", markup=False)
    error_console().print("send the card to the office, and read out its fingerprint when asked")


def show(folder: Path, cards: Path | None, rpc_url: str) -> bool:
    """Show the cards with their fingerprints; False if they are deployed and the chain differs."""
    workspace, consortium = open_folder(folder)
    found = load_cards(cards or workspace.cards, consortium)
    if not workspace.deployment.exists():
        show_cards(found, None)
        return True
    deployment = load_deployment(workspace.deployment)
    registry = open_reader(workspace, deployment, rpc_url)
    council = council_of(workspace, registry, deployment)
    differences = check_deployed(found, registry, deployment, consortium, council)
    show_cards(found, differences)
    return not differences


def show_cards(cards: Mapping[str, PartyCard], differences: Mapping[str, list[str]] | None) -> None:
    """Show who is who, and how the chain differs from it; None where nothing was deployed."""
    width = max(map(len, cards), default=0)
    for name, card in cards.items():
        entry: dict[str, object] = {
            "name": name,
            "role": card.role,
            "account": card.account,
            "fingerprint": card.fingerprint(),
            "differences": list((differences or {}).get(name, [])),
        }
        on_chain = _on_chain(name, differences)
        text = f"{name:{width}}  {card.account}  {card.fingerprint()}  {on_chain}"
        tell_entry("cards", entry, text)
    for stranger in sorted(set(differences or {}) - set(cards)):
        # what no card is about: an address on chain, or a party that should have one
        key = "account" if is_checksum_address(stranger) else "name"
        said = list((differences or {})[stranger])
        entry = {key: stranger, "differences": said}
        tell_entry("strangers" if key == "account" else "missing", entry, _line(stranger, said))
    keep_facts(deployed=differences is not None)


def _line(who: str, differences: list[str]) -> str:
    return f"{who}  {'; '.join(differences)}"


def _on_chain(name: str, differences: Mapping[str, list[str]] | None) -> str:
    if differences is None:
        return "not deployed yet"
    return "; ".join(differences.get(name, [])) or "as on the card"
