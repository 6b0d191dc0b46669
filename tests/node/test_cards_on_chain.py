"""Cards compared with the deployed consortium: every member, key and role that differs is found."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from eth_account import Account

from zkfl.card_check import check_deployed, council_of
from zkfl.card_folder import card_path
from zkfl.chain.council_record import save_council
from zkfl.chain.council_states import CouncilRules
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.roles import Role, Roles
from zkfl.cli.exit_codes import ExitCode
from zkfl.hand_over import hand_over
from zkfl.joining import write_card
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_client
from zkfl.party_card import PartyCard
from zkfl.roster import RosterError, all_accounts
from zkfl.workspace import ROLES

if TYPE_CHECKING:
    from conftest import Site

    from zkfl.chain.client import ChainClient

HOSPITALS = ("ada", "bay", "cay", "dee")
STRANGER = Account.from_key(b"\x07" * 32).address


def cards_of(site: "Site") -> dict[str, PartyCard]:
    return {
        name: write_card(site.workspace, site.consortium, name) for name in (*HOSPITALS, *ROLES)
    }


def office_of(site: "Site") -> "ChainClient":
    home = NodeHome(site.workspace.role("office"))
    return open_client(home, site.anvil.url, site.deployment.chain_id)


def office_roles(site: "Site") -> Roles:
    registry = site.coordinator().registry
    return Roles(office_of(site), registry.address, registry.abi)


def differences(site: "Site", cards: dict[str, PartyCard]) -> dict[str, list[str]]:
    registry = site.coordinator().registry
    return check_deployed(cards, registry, site.deployment, site.consortium)


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
    assert differences(site, cards) == {
        "cay": ["it has no card"],
        site.address("cay"): ["a member without a card"],
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_without_a_card_is_named(site: "Site", role: str) -> None:
    """Whoever sends the cards cannot hide a role by leaving its card out."""
    cards = cards_of(site)
    account = cards.pop(role).account
    found = differences(site, cards)
    assert found == {role: [f"it has no card; the role is held by {account}"]}


def test_who_may_open_sums_must_say_so_on_a_card(site: "Site") -> None:
    cards, roles = cards_of(site), office_roles(site)
    for name in ("office", "bay"):
        roles.grant(Role.KEY_HOLDER, cards[name].account)
    roles.grant(Role.KEY_HOLDER, STRANGER)
    said = ["it may open sums, and no card of it states the encryption context"]
    assert differences(site, cards) == {"office": said, "bay": said, STRANGER: said}
    claim = {"encryption_context": cards["ada"].encryption_context}
    cards["bay"] = cards["bay"].model_copy(update=claim)
    assert differences(site, cards) == {"office": said, STRANGER: said}


def test_a_member_without_a_card_that_may_open_sums_is_said_to_be_both(site: "Site") -> None:
    cards = cards_of(site)
    office_roles(site).grant(Role.KEY_HOLDER, cards.pop("bay").account)
    assert differences(site, cards)[site.address("bay")] == [
        "a member without a card",
        "it may open sums, and no card of it states the encryption context",
    ]


def test_a_card_that_states_the_context_without_the_role_is_named(site: "Site") -> None:
    cards = cards_of(site)
    claim = {"encryption_context": cards["ada"].encryption_context}
    cards["bay"] = cards["bay"].model_copy(update=claim)
    said = "it may not open sums, though its card states the encryption context"
    assert differences(site, cards) == {"bay": [said]}


def test_the_council_stands_in_for_the_office_once_it_took_over(site: "Site") -> None:
    registry, cards = site.coordinator().registry, cards_of(site)
    before = check_deployed(cards, registry, site.deployment, site.consortium, None)
    with_council = check_deployed(cards, registry, site.deployment, site.consortium, STRANGER)
    assert before == {}
    assert with_council == {"office": [f"the role is held by {cards['office'].account}"]}
    rules = CouncilRules(quorum_bps=6_666, delay=1, membership_delay=0, lifetime=86_400)
    record = hand_over(site.workspace, office_of(site), rules)
    council = council_of(site.workspace, registry, site.deployment)
    assert council == record.council
    assert differences(site, cards) == {"office": [f"the role is held by {council}"]}
    assert check_deployed(cards, registry, site.deployment, site.consortium, council) == {}


def test_a_council_that_is_another_contract_is_refused(site: "Site") -> None:
    rules = CouncilRules(quorum_bps=6_666, delay=1, membership_delay=0, lifetime=86_400)
    record = hand_over(site.workspace, office_of(site), rules)
    other = record.model_copy(update={"council": site.deployment.router})
    save_council(site.workspace.council, other)
    with pytest.raises(NotGenuineError):
        council_of(site.workspace, site.coordinator().registry, site.deployment)


def test_the_command_ends_with_status_15_where_a_card_was_left_out(
    site: "Site", run_zkfl: Callable[..., SimpleNamespace]
) -> None:
    cards = cards_of(site)
    words = ("cards", site.workspace.root, "--rpc-url", site.anvil.url)
    assert run_zkfl(*words).status == 0
    for name in ("guardian", "cay"):
        card_path(site.workspace.cards, name).unlink()
    ended = run_zkfl(*words, "--json")
    assert ended.status == ExitCode.CHECK_FAILED
    told = json.loads(ended.out)["result"]
    held = f"it has no card; the role is held by {cards['guardian'].account}"
    assert told["missing"] == [
        {"name": "cay", "differences": ["it has no card"]},
        {"name": "guardian", "differences": [held]},
    ]
    member = {"account": cards["cay"].account, "differences": ["a member without a card"]}
    assert told["strangers"] == [member]


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
