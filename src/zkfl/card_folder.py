"""The cards of a consortium's parties, in one folder, as somebody collected them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from zkfl.consortium import Consortium
from zkfl.party_card import HOSPITAL, PartyCard, PartyCardError, agreements_hash, load_card

_MOST_CARDS = 128
_SUFFIX = ".json"


def card_path(folder: Path, name: str) -> Path:
    """Return where a party's card lies in a folder of cards."""
    return folder / f"{name}{_SUFFIX}"


def load_cards(folder: Path, consortium: Consortium) -> dict[str, PartyCard]:
    """Read every card of a folder; return them by name, hospitals first.

    Raises
    ------
    PartyCardError
        A card is wrong in itself, is for other agreements or for no hospital of these, or two of
        them share a name, an account or a mask key.
    """
    paths = sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []
    if len(paths) > _MOST_CARDS:
        raise PartyCardError(f"{folder} holds {len(paths)} cards: more than any consortium has")
    cards = {path: load_card(path) for path in paths}
    for path, card in cards.items():
        _require_member(path, card, consortium)
    _require_distinct(cards, "name", lambda card: card.name)
    _require_distinct(cards, "account", lambda card: card.account)
    _require_distinct(cards, "mask key", lambda card: card.mask_key)
    order = {name: place for place, name in enumerate(consortium.hospitals)}
    found = sorted(cards.values(), key=lambda card: (order.get(card.name, len(order)), card.name))
    return {card.name: card for card in found}


def _require_member(path: Path, card: PartyCard, consortium: Consortium) -> None:
    if card.consortium != agreements_hash(consortium):
        raise PartyCardError(
            f"{path} is for other agreements ({card.consortium[:16]}…) than consortium.json "
            f"({agreements_hash(consortium)[:16]}…): one of the two was changed after the other; "
            "agree on one file, and have the party join anew"
        )
    if card.role == HOSPITAL and card.name not in consortium.hospitals:
        raise PartyCardError(
            f"{path} is of {card.name}, and the agreements name no such hospital: they name "
            f"{', '.join(consortium.hospitals)}"
        )


def _require_distinct(
    cards: Mapping[Path, PartyCard], what: str, of: Callable[[PartyCard], str | None]
) -> None:
    seen: dict[str, Path] = {}
    for path, card in cards.items():
        value = of(card)
        if value is not None and value in seen:
            raise PartyCardError(
                f"{seen[value]} and {path} have one {what}, {value}: one of them is a copy or made "
                "up; keep the one whose fingerprint the party confirms"
            )
        if value is not None:
            seen[value] = path
