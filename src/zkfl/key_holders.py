"""Who may open sums, and who of them has stated on chain that it holds the announced HE key."""

from dataclasses import dataclass

from zkfl.chain.registry import Registry
from zkfl.chain.roles import Role, Roles
from zkfl.chain.states import UNSTATED
from zkfl.member_names import hospital_name


@dataclass(frozen=True)
class KeyHolder:
    """One that has the key holder's role.

    Attributes
    ----------
    account
        Address.
    name
        As the office registered it; the address of an account that is no member.
    acknowledged
        Whether it stated that it holds the secret of the context that is announced now.
    """

    account: str
    name: str
    acknowledged: bool


def key_holders(registry: Registry) -> list[KeyHolder]:
    """Return all key holders, by name.

    Parameters
    ----------
    registry
        Whose roles and acknowledgements; until a context is announced nobody has acknowledged.
    """
    announced = registry.encryption_context()
    roles = Roles(registry.client, registry.address, registry.abi)
    found = [
        KeyHolder(
            account,
            hospital_name(registry, account),
            announced != UNSTATED and registry.acknowledged_context_of(account) == announced,
        )
        for account in roles.holders(Role.KEY_HOLDER, registry.first_block)
    ]
    return sorted(found, key=lambda holder: (holder.name, holder.account))
