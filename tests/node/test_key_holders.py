"""Who may open sums: hospitals that the office names, never whoever writes a hash on a card."""

from typing import TYPE_CHECKING

import pytest

from zkfl.chain.roles import Role, Roles
from zkfl.founding import FoundingError, further_key_holders, grant_key_holders
from zkfl.joining import write_card
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_client
from zkfl.party_card import PartyCard

if TYPE_CHECKING:
    from conftest import Site

    from zkfl.chain.client import ChainClient


def claiming_cards(site: "Site") -> dict[str, PartyCard]:
    """Return all hospitals' cards, with ada's public context on bay's too."""
    cards = {name: write_card(site.workspace, site.consortium, name) for name in ("ada", "cay")}
    claim = {"encryption_context": cards["ada"].encryption_context}
    return cards | {
        "bay": write_card(site.workspace, site.consortium, "bay").model_copy(update=claim)
    }


def office_of(site: "Site") -> "ChainClient":
    return open_client(
        NodeHome(site.workspace.role("office")), site.anvil.url, site.deployment.chain_id
    )


def holders(site: "Site") -> set[str]:
    registry = site.coordinator().registry
    roles = Roles(registry.client, registry.address, registry.abi)
    return roles.holders(Role.KEY_HOLDER, site.deployment.block_number)


def test_a_claim_on_a_card_alone_makes_nobody_a_key_holder(site: "Site") -> None:
    cards = claiming_cards(site)
    named = further_key_holders(site.consortium, cards, [])
    assert grant_key_holders(office_of(site), site.deployment, named) == []
    assert holders(site) == {site.address("ada")}


def test_a_hospital_that_is_named_may_open_sums_too(site: "Site") -> None:
    cards = claiming_cards(site)
    named = further_key_holders(site.consortium, cards, ["bay", "ada", "bay"])
    assert grant_key_holders(office_of(site), site.deployment, named) == ["bay"]
    assert grant_key_holders(office_of(site), site.deployment, named) == []
    assert holders(site) == {site.address("ada"), site.address("bay")}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("eve", "has no hospital 'eve': it has ada, bay, cay, dee"),
        ("cay", "cay cannot be a key holder: there is no card of it that states"),
        ("dee", "dee cannot be a key holder: there is no card of it that states"),
    ],
)
def test_who_states_no_key_cannot_be_named(site: "Site", name: str, said: str) -> None:
    with pytest.raises(FoundingError, match=said):
        further_key_holders(site.consortium, claiming_cards(site), ["bay", name])


@pytest.mark.parametrize("first", [None, "1" * 64])
def test_without_the_first_hospitals_context_nobody_is_named(
    site: "Site", first: str | None
) -> None:
    cards = claiming_cards(site)
    cards["ada"] = cards["ada"].model_copy(update={"encryption_context": first})
    with pytest.raises(FoundingError, match="on the card of ada"):
        further_key_holders(site.consortium, cards, ["bay"])
    del cards["ada"]
    with pytest.raises(FoundingError, match="on the card of ada"):
        further_key_holders(site.consortium, cards, ["bay"])
