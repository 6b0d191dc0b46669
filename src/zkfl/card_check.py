"""Cards compared with what was deployed: whether the chain's members are those who joined."""

from collections.abc import Mapping

from zkfl.chain.council_record import load_council, open_council
from zkfl.chain.deployment import Deployment
from zkfl.chain.registry import Registry
from zkfl.chain.roles import Role, Roles
from zkfl.chain.states import UNSTATED
from zkfl.consortium import Consortium
from zkfl.foreign_text import foreign_text
from zkfl.party_card import HOSPITAL, PartyCard, PartyCardError
from zkfl.workspace import Workspace

_ROLES = {"office": Role.ADMIN, "aggregator": Role.AGGREGATOR, "guardian": Role.GUARDIAN}


def council_of(workspace: Workspace, registry: Registry, deployment: Deployment) -> str | None:
    """Return the council that the office handed over to, checked; None without ``council.json``.

    Raises
    ------
    CouncilFileError
        The file is malformed, or of another consortium.
    NotGenuineError
        The council is not what this checkout compiles to.
    """
    if not workspace.council.exists():
        return None
    return open_council(registry.client, load_council(workspace.council, deployment)).address


def check_deployed(
    cards: Mapping[str, PartyCard],
    registry: Registry,
    deployment: Deployment,
    consortium: Consortium,
    council: str | None = None,
) -> dict[str, list[str]]:
    """Return how the chain differs from the cards, by a party's name; no difference, no entry.

    A mask key or a context that was not announced yet is no difference. Accounts on chain that no
    card names are named by their address.

    Parameters
    ----------
    cards
        By name.
    registry, deployment
        What stands on chain.
    consortium
        The agreements: each of their hospitals, and each role, must have a card.
    council
        Holds the office's role in the office's place, once that has handed over.
    """
    roles = Roles(registry.client, registry.address, registry.abi)
    block = deployment.block_number
    found = {
        name: _hospital(card, registry) for name, card in cards.items() if card.role == HOSPITAL
    }
    for name, role in _ROLES.items():
        stand_in = council if name == "office" else None
        found[name] = _role(cards.get(name), roles.holders(role, block), stand_in)
    for name in set(consortium.hospitals) - cards.keys():
        found[name] = ["it has no card"]
    openers = _openers(cards, registry, consortium, roles.holders(Role.KEY_HOLDER, block))
    for account, difference in (*_strangers(cards, registry), *openers):
        found.setdefault(_name_of(account, cards), []).append(difference)
    return {name: differences for name, differences in found.items() if differences}


def require_announced(card: PartyCard, registry: Registry) -> None:
    """Refuse the card of a hospital whose account, name or mask key is another on chain.

    A card that was replaced, after a change of keys, is still validly signed.

    Raises
    ------
    PartyCardError
        The chain has another key or name for the account, or none.
    """
    member = registry.member_of(card.account)
    announced = member.mask_key.hex() if member.mask_key != UNSTATED else "none"
    facts = (
        ("active membership", member.active, True),
        ("name", member.name, card.name),
        ("mask key", announced, card.mask_key),
    )
    for what, actual, expected in facts:
        if actual != expected:
            raise PartyCardError(
                f"the card of {card.name} is not as the chain has it: of {card.account} the {what} "
                f"is {foreign_text(str(actual))}, expected {expected}; ask the hospital for its "
                "newest card (zkfl join writes it), and wait until its node has announced its key"
            )


def _strangers(cards: Mapping[str, PartyCard], registry: Registry) -> list[tuple[str, str]]:
    carded = {card.account for card in cards.values()}
    members = {m for m in registry.members() if registry.member_of(m).active}
    return [(member, "a member without a card") for member in sorted(members - carded)]


def _openers(
    cards: Mapping[str, PartyCard], registry: Registry, consortium: Consortium, holders: set[str]
) -> list[tuple[str, str]]:
    """Compare who may open sums with the cards that state the context of the consortium."""
    context = _context(cards, registry, consortium)
    stated = {
        card.account for card in cards.values() if context and card.encryption_context == context
    }
    may = "it may open sums, and no card of it states the encryption context"
    may_not = "it may not open sums, though its card states the encryption context"
    found = [(account, may) for account in sorted(holders - stated)]
    return found + [(account, may_not) for account in sorted(stated - holders)]


def _context(
    cards: Mapping[str, PartyCard], registry: Registry, consortium: Consortium
) -> str | None:
    """Return the context that was announced; until then, the one of the first hospital's card."""
    announced = registry.encryption_context()
    if announced != UNSTATED:
        return announced.hex()
    first = cards.get(consortium.hospitals[0])
    return first.encryption_context if first else None


def _name_of(account: str, cards: Mapping[str, PartyCard]) -> str:
    return next((name for name, card in cards.items() if card.account == account), account)


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


def _role(card: PartyCard | None, holders: set[str], stand_in: str | None) -> list[str]:
    held = f"the role is held by {', '.join(sorted(holders)) or 'nobody'}"
    if card is None:
        return [f"it has no card; {held}"]
    return [] if holders == {stand_in or card.account} else [held]
