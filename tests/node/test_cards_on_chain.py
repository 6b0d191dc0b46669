"""Cards compared with the deployed consortium: every member, key and role that differs is found."""

from typing import TYPE_CHECKING

import pytest
from eth_account import Account

from zkfl.card_check import check_deployed
from zkfl.joining import write_card
from zkfl.party_card import PartyCard
from zkfl.roster import RosterError, all_accounts
from zkfl.workspace import ROLES

if TYPE_CHECKING:
    from conftest import Site

HOSPITALS = ("ada", "bay", "cay", "dee")
STRANGER = Account.from_key(b"\x07" * 32).address


def cards_of(site: "Site") -> dict[str, PartyCard]:
    return {
        name: write_card(site.workspace, site.consortium, name) for name in (*HOSPITALS, *ROLES)
    }


def differences(site: "Site", cards: dict[str, PartyCard]) -> dict[str, list[str]]:
    return check_deployed(cards, site.coordinator().registry, site.deployment)


def test_a_consortium_as_on_its_cards_does_not_differ(site: "Site") -> None:
    """One hospital has announced no mask key yet: that is no difference."""
    assert differences(site, cards_of(site)) == {}


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("bay", {"account": STRANGER}, f"{STRANGER} is no active member"),
        ("bay", {"name": "cay"}, "the account is the member 'bay'"),
        ("bay", {"mask_key": "1" * 64}, "the mask key is "),
        ("ada", {"encryption_context": "1" * 64}, "the encryption context is "),
        ("office", {"account": STRANGER}, "the role is held by 0x"),
        ("aggregator", {"account": STRANGER}, "the role is held by 0x"),
        ("guardian", {"account": STRANGER}, "the role is held by 0x"),
    ],
)
def test_what_is_other_than_on_the_card_is_named(
    site: "Site", name: str, changes: dict[str, str], said: str
) -> None:
    cards = cards_of(site)
    cards[name] = cards[name].model_copy(update=changes)
    found = differences(site, cards)
    assert found[name][0].startswith(said)
    assert found.keys() - {name} <= {site.address("bay")}


def test_a_member_without_a_card_is_named(site: "Site") -> None:
    cards = cards_of(site)
    del cards["cay"]
    assert differences(site, cards) == {site.address("cay"): ["a member without a card"]}


def test_accounts_come_from_folders_and_from_cards(site: "Site") -> None:
    cards = cards_of(site)
    expected = {name: card.account for name, card in cards.items()}
    (site.workspace.site("bay")).rename(site.workspace.root / "elsewhere")
    assert all_accounts(site.workspace, site.consortium, cards) == expected
    del cards["bay"]
    with pytest.raises(RosterError, match=r"bay: no folder in .* and no card"):
        all_accounts(site.workspace, site.consortium, cards)


def test_a_card_in_the_name_of_a_party_that_is_here_is_refused(site: "Site") -> None:
    cards = cards_of(site)
    cards["guardian"] = cards["guardian"].model_copy(update={"account": STRANGER})
    with pytest.raises(RosterError, match=f"the card of guardian names {STRANGER}"):
        all_accounts(site.workspace, site.consortium, cards)
