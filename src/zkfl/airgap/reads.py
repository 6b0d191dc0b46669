"""Questions to a chain, and how the two sides of a gap recognise the same one."""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict

Method = Literal[
    "eth_blockNumber",
    "eth_call",
    "eth_chainId",
    "eth_gasPrice",
    "eth_getBalance",
    "eth_getBlockByNumber",
    "eth_getCode",
    "eth_getLogs",
    "eth_getStorageAt",
    "eth_getTransactionByHash",
    "eth_getTransactionCount",
    "eth_getTransactionReceipt",
    "eth_maxPriorityFeePerGas",
]
METHODS = frozenset(get_args(Method))
"""All that only reads, and that a relay asks for its node."""
BLOCK_PARAMETER: Mapping[str, int] = MappingProxyType(
    {
        "eth_call": 1,
        "eth_getBalance": 1,
        "eth_getBlockByNumber": 0,
        "eth_getCode": 1,
        "eth_getStorageAt": 2,
        "eth_getTransactionCount": 1,
    }
)
"""Which parameter names the block."""


class Read(BaseModel):
    """One question.

    Attributes
    ----------
    params
        As JSON-RPC has them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method
    params: list[Any]

    @classmethod
    def of(cls, request: bytes) -> "Read":
        """Return the question in an encoded JSON-RPC request.

        Who calls a view is left out: the relay has no account to call from, and no view of these
        contracts looks at its caller.
        """
        question = json.loads(request)
        method, params = question["method"], list(question["params"])
        if method == "eth_call":
            params[0] = {name: value for name, value in params[0].items() if name != "from"}
        return cls(method=method, params=params)

    def key(self) -> str:
        """Return what names the question in a bundle: a SHA-256, hexadecimal."""
        text = json.dumps([self.method, self.params], sort_keys=True, separators=(",", ":"))
        # hexadecimal numbers mean the same in either case
        return hashlib.sha256(text.lower().encode()).hexdigest()
