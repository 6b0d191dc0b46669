"""Names of the registry's functions that change something."""

from collections.abc import Mapping
from typing import Any, cast

from eth_utils.abi import function_abi_to_4byte_selector

from zkfl.chain.reverts import Abi

_SELECTOR_BYTES = 4


class CallNames:
    """Tells what a transaction to a contract calls.

    Parameters
    ----------
    abi
        The contract's.
    """

    def __init__(self, abi: Abi) -> None:
        self._names: Mapping[bytes, str] = {
            function_abi_to_4byte_selector(cast("Any", entry)): str(entry["name"])
            for entry in abi
            if entry.get("type") == "function" and entry["stateMutability"] not in {"view", "pure"}
        }

    def of(self, data: bytes) -> str | None:
        """Return the name of the function that calldata is for; None if it is for none of them."""
        return self._names.get(data[:_SELECTOR_BYTES])
