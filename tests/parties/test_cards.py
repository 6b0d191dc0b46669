"""A card says what its account signed, for these agreements, and fits to the others."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from zkfl.card_folder import card_path, load_cards
from zkfl.consortium import Consortium
from zkfl.party_card import CardContent, PartyCard, PartyCardError, load_card

Join = Callable[[str], PartyCard]
OTHER = "0x" + "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
EVERYBODY = ("ada", "bay", "cay", "office", "aggregator", "guardian")


@pytest.fixture
def card(join: Join, tmp_path: Path) -> Path:
    join("bay")
    return tmp_path / "bay" / "cards" / "bay.json"


def change(path: Path, **changes: object) -> None:
    said = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in said.items() if value is not ...}))


def test_cards_of_everybody_are_read_hospitals_first(
    join: Join, agreements: Path, tmp_path: Path
) -> None:
    cards = {name: join(name) for name in reversed(EVERYBODY)}
    for name, made in cards.items():
        made.save(card_path(tmp_path / "all", name))
    found = load_cards(tmp_path / "all", Consortium.load(agreements))
    assert list(found) == ["ada", "bay", "cay", "aggregator", "guardian", "office"]
    assert found == cards
    assert len({made.fingerprint() for made in cards.values()}) == len(EVERYBODY)


@pytest.mark.parametrize(
    "changes",
    [
        {"consortium": "0" * 64},
        {"name": "cay"},
        {"account": OTHER},
        {"mask_key": "1" * 64},
        {"encryption_context": "1" * 64},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_card_that_was_changed_is_not_signed_by_its_account(
    card: Path, changes: dict[str, str]
) -> None:
    change(card, **changes)
    with pytest.raises(PartyCardError, match="signed it: it was changed on its way, or made up"):
        load_card(card)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"surprise": 1}, "surprise"),
        ({"format": "zkfl.party-card.v2"}, "format"),
        ({"signature": ...}, "signature"),
        ({"signature": "0x00"}, "signature"),
        ({"role": "owner"}, "role"),
        ({"role": "guardian"}, "the guardian is called guardian, not bay"),
        ({"mask_key": None}, "hospitals have a mask key, and nobody else"),
        ({"mask_key": "0x12"}, "mask_key"),
        ({"account": OTHER.lower()}, "no checksummed address"),
        ({"name": "../bay"}, "name"),
        ({"name": 7}, "name"),
    ],
)
def test_a_card_of_another_form_is_refused(card: Path, changes: dict[str, Any], why: str) -> None:
    change(card, **changes)
    with pytest.raises(PartyCardError, match="is no card: ") as refused:
        load_card(card)
    assert why in str(refused.value)


def test_bytes_that_recover_to_nobody_are_no_signature(card: Path) -> None:
    change(card, signature="0x" + "ff" * 65)
    with pytest.raises(PartyCardError, match="and nobody signed it"):
        load_card(card)


def test_a_file_too_large_a_pipe_and_none_at_all_are_refused(card: Path) -> None:
    card.write_bytes(b" " * 5_000)
    with pytest.raises(PartyCardError, match="is larger than 4096 bytes"):
        load_card(card)
    card.unlink()
    with pytest.raises(PartyCardError, match="No such file"):
        load_card(card)
    os.mkfifo(card)
    with pytest.raises(PartyCardError, match="not a regular file"):
        load_card(card)


def test_a_signature_for_something_else_is_none_for_a_card(card: Path) -> None:
    """The same account's signature of a card with another mask key."""
    account = Account.create()
    content = CardContent(
        consortium="0" * 64,
        role="hospital",
        name="bay",
        account=account.address,
        mask_key="2" * 64,
    )
    other = PartyCard.signed(content.model_copy(update={"mask_key": "3" * 64}), account)
    changed = PartyCard(**content.model_dump(), signature=other.signature)
    changed.save(card)
    with pytest.raises(PartyCardError, match="signed it"):
        load_card(card)


def test_a_card_for_other_agreements_is_refused(card: Path, agreements: Path) -> None:
    agreed = Consortium.load(agreements)
    changed = agreed.model_copy(update={"quorum_bps": 9_000})
    assert load_cards(card.parent, agreed).keys() == {"bay"}
    with pytest.raises(PartyCardError, match="is for other agreements"):
        load_cards(card.parent, changed)


def signed(**changes: object) -> PartyCard:
    account = Account.create()
    fields = {
        "consortium": changes.pop("consortium"),
        "role": "hospital",
        "name": "cay",
        "account": account.address,
        "mask_key": "2" * 64,
    } | changes
    return PartyCard.signed(CardContent.model_validate(fields), account)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "dee"}, "the agreements name no such hospital"),
        ({"name": "bay"}, "have one name, bay"),
        ({"mask_key": "of bay"}, "have one mask key"),
    ],
)
def test_cards_that_do_not_fit_together_are_refused(
    card: Path, agreements: Path, changes: dict[str, str], why: str
) -> None:
    bay = load_card(card)
    if "mask_key" in changes:
        changes = {"mask_key": str(bay.mask_key)}
    signed(consortium=bay.consortium, **changes).save(card_path(card.parent, "second"))
    with pytest.raises(PartyCardError, match=why):
        load_cards(card.parent, Consortium.load(agreements))


def test_one_account_is_one_party(card: Path, agreements: Path, tmp_path: Path) -> None:
    bay = load_card(card)
    account = Account.create()
    for name, key in (("cay", "4"), ("ada", "5")):
        content = CardContent(
            consortium=bay.consortium,
            role="hospital",
            name=name,
            account=account.address,
            mask_key=key * 64,
        )
        PartyCard.signed(content, account).save(card_path(tmp_path / "all", name))
    with pytest.raises(PartyCardError, match="have one account"):
        load_cards(tmp_path / "all", Consortium.load(agreements))


def test_a_folder_with_too_many_files_is_refused(agreements: Path, tmp_path: Path) -> None:
    for number in range(129):
        (tmp_path / f"{number}.json").touch()
    with pytest.raises(PartyCardError, match="holds 129 cards"):
        load_cards(tmp_path, Consortium.load(agreements))
