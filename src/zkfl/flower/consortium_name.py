"""How messages name the consortium that they are for."""

from zkfl.chain.registry import Registry


def consortium_name(registry: Registry) -> str:
    """Return chain id and registry of a consortium, such as ``31337:0x…``."""
    return f"{registry.client.chain_id}:{registry.address}"
