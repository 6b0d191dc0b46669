"""Cards compared with what was deployed: whether the chain's members are those who joined."""

from collections.abc import Mapping

from zkfl.chain.deployment import Deployment
from zkfl.chain.registry import Registry
from zkfl.chain.roles import Role, Roles
from zkfl.chain.states import UNSTATED
from zkfl.party_card import HOSPITAL, PartyCard

_ROLES = {"office": Role.ADMIN, "aggregator": Role.AGGREGATOR, "guardian": Role.GUARDIAN}


def check_deployed(
    cards: Mapping[str, PartyCard], registry: Registry, deployment: Deployment
) -> dict[str, list[str]]:
    """Return how the chain differs from the cards, by a party's name; no difference, no entry.

    A mask key or a context that was not announced yet is no difference. Members of the registry
    without a card are named by their address.
    """
    roles = Roles(registry.client, registry.address, registry.abi)
    block = deployment.block_number
    found = {
        name: _hospital(card, registry)
        if card.role == HOSPITAL
        else _role(card, roles.holders(_ROLES[card.role], block))
        for name, card in cards.items()
    }
    carded = {card.account for card in cards.values()}
    members = {m for m in registry.members() if registry.member_of(m).active}
    found |= {member: ["a member without a card"] for member in sorted(members - carded)}
    return {name: differences for name, differences in found.items() if differences}


def _hospital(card: PartyCard, registry: Registry) -> list[str]:
    member = registry.member_of(card.account)
    if not member.active:
        return [f"{card.account} is no active member"]
    differences = []
    if member.name != card.name:
        differences.append(f"the account is the member {member.name!r}")
    if member.mask_key not in {UNSTATED, bytes.fromhex(card.mask_key or "")}:
        differences.append(f"the mask key is {member.mask_key.hex()}")
    context = registry.encryption_context()
    if card.encryption_context and context not in {
        UNSTATED,
        bytes.fromhex(card.encryption_context),
    }:
        differences.append(f"the encryption context is {context.hex()}")
    return differences


def _role(card: PartyCard, holders: set[str]) -> list[str]:
    if holders == {card.account}:
        return []
    return [f"the role is held by {', '.join(sorted(holders)) or 'nobody'}"]
