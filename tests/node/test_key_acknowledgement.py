"""A key holder states on chain that it holds the announced HE key, once it has tried it."""

from typing import TYPE_CHECKING

import pytest

from zkfl.chain.errors import ContractRevertError
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.roles import Role, Roles
from zkfl.chain.transactions import TxResult
from zkfl.founding import create_encryption_keys
from zkfl.joining import write_card
from zkfl.key_holders import key_holders
from zkfl.node.home import NodeHome
from zkfl.node.key_holder import acknowledge_encryption_context
from zkfl.node.key_sharing import KeySharingError, open_he_key, seal_he_key
from zkfl.node.turns import HospitalTurns
from zkfl.party_accounts import open_client

if TYPE_CHECKING:
    from conftest import Site


def acknowledge(site: "Site", name: str) -> TxResult | None:
    node = site.node(name)
    return acknowledge_encryption_context(node.home, node.registry, site.ground.scheme)


def acknowledged(site: "Site") -> dict[str, bool]:
    registry = site.coordinator().registry
    return {holder.name: holder.acknowledged for holder in key_holders(registry)}


def end_round(site: "Site") -> None:
    """Let the open round fail: nobody submits."""
    registry = site.coordinator().registry
    round_id = registry.current_round()
    deadline = registry.round(round_id).deadline
    site.anvil.advance_time(deadline + 1 - registry.client.block_timestamp())
    registry.push_round(round_id)


def name_key_holder(site: "Site", name: str) -> None:
    office = NodeHome(site.workspace.role("office"))
    client = open_client(office, site.anvil.url, site.deployment.chain_id)
    Roles(client, site.deployment.registry, registry_abi()).grant(
        Role.KEY_HOLDER, site.address(name)
    )


@pytest.fixture
def shared(site: "Site") -> "Site":
    """Bay has opened ada's key, and the office has named it."""
    cards = {name: write_card(site.workspace, site.consortium, name) for name in ("ada", "bay")}
    context = cards["ada"].encryption_context
    assert context is not None
    sealed = seal_he_key(site.home("ada"), cards["bay"], context)
    public = site.home("ada").he_public.read_bytes()
    open_he_key(site.home("bay"), cards["bay"], sealed, public, site.ground.scheme)
    name_key_holder(site, "bay")
    return site


def test_a_second_holder_acknowledges_once(shared: "Site") -> None:
    assert acknowledged(shared) == {"ada": True, "bay": False}
    assert acknowledge(shared, "bay") is not None
    assert acknowledged(shared) == {"ada": True, "bay": True}
    assert acknowledge(shared, "bay") is None
    assert acknowledge(shared, "ada") is None


def test_another_context_asks_for_another_acknowledgement(shared: "Site") -> None:
    acknowledge(shared, "bay")
    registry = shared.node("ada").registry
    end_round(shared)
    registry.announce_encryption_context(b"\x07" * 32)
    assert acknowledged(shared) == {"ada": True, "bay": False}
    with pytest.raises(KeySharingError, match="07070707 is announced"):
        acknowledge(shared, "bay")


def test_whoever_the_office_did_not_name(site: "Site") -> None:
    registry = site.node("cay").registry
    with pytest.raises(ContractRevertError, match="AccessControlUnauthorizedAccount"):
        registry.acknowledge_encryption_context(registry.encryption_context())


def test_a_turn_acknowledges_between_rounds(shared: "Site") -> None:
    end_round(shared)
    assert HospitalTurns(shared.node("bay")).take().done == ("encryption context acknowledged",)
    assert acknowledged(shared) == {"ada": True, "bay": True}
    assert HospitalTurns(shared.node("bay")).take().done == ()


def test_who_holds_no_key_sends_nothing(site: "Site") -> None:
    name_key_holder(site, "bay")
    sent = site.sent("bay")
    with pytest.raises(KeySharingError, match="holds the HE key of no context"):
        acknowledge(site, "bay")
    create_encryption_keys(site.home("bay"), site.ground.scheme)
    with pytest.raises(KeySharingError, match="there is nothing to acknowledge"):
        acknowledge(site, "bay")
    assert site.sent("bay") == sent


def test_a_secret_that_does_not_open_the_context(site: "Site") -> None:
    """Its own secret beside the announced public context."""
    name_key_holder(site, "bay")
    home = site.home("bay")
    create_encryption_keys(home, site.ground.scheme)
    home.he_public.write_bytes(site.home("ada").he_public.read_bytes())
    sent = site.sent("bay")
    with pytest.raises(KeySharingError, match="announced context"):
        acknowledge(site, "bay")
    assert site.sent("bay") == sent
