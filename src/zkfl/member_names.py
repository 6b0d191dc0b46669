"""Names of members, as the owner registered them, made fit for people."""

from collections.abc import Iterable

from zkfl.chain.registry import Registry


def hospital_name(registry: Registry, address: str) -> str:
    """Return a member's name on chain, or its address where the name could not be shown."""
    name = registry.member_of(address).name
    return name if name.isprintable() and name else address


def hospital_names(registry: Registry, addresses: Iterable[str]) -> str:
    """Return the names of several, for a sentence."""
    return ", ".join(hospital_name(registry, address) for address in addresses)
