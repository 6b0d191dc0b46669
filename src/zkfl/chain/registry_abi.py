"""The one ABI of a registry's address, behind which two contracts hold the code."""

from functools import cache
from typing import Any

from zkfl.chain.compile import compile_project

PARTS = ("ConsortiumRegistry", "RegistryExtension")


@cache
def registry_abi() -> tuple[dict[str, Any], ...]:
    """Return every function, event and error of both contracts once, the registry's first.

    The constructor and the fallback are the registry's.
    """
    first, *others = (compile_project()[name].abi for name in PARTS)
    entries = list(first)
    for abi in others:
        callable_entries = (entry for entry in abi if entry["type"] != "constructor")
        entries += [entry for entry in callable_entries if entry not in entries]
    return tuple(entries)
