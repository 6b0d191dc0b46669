"""ABIs whose views return strings as bytes.

A member can store what is no UTF-8 in a description or a name. Decoding that as a string
fails, and one bad entry would hide all others; the encoding of ``string`` and ``bytes`` is
the same.
"""

from collections.abc import Mapping
from typing import Any

from zkfl.chain.reverts import Abi


def with_raw_text(abi: Abi) -> Abi:
    """Return an ABI that differs in the types of what views return, and in nothing else."""
    return [
        {**entry, "outputs": [_raw(item) for item in entry["outputs"]]}
        if entry.get("type") == "function"
        else entry
        for entry in abi
    ]


def _raw(item: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(item)
    if changed["type"] == "string":
        changed["type"] = "bytes"
    if "components" in changed:
        changed["components"] = [_raw(part) for part in changed["components"]]
    return changed
