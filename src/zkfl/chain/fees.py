"""What a transaction offers to pay.

Source of the fee market: EIP-1559, https://eips.ethereum.org/EIPS/eip-1559
"""

from typing import TypedDict

from web3 import Web3
from web3.exceptions import Web3RPCError

BASE_FEE_FACTOR = 2
"""Covers six full blocks in a row, each raising the base fee by an eighth."""
FALLBACK_TIP_WEI = 10**9


class Fees(TypedDict, total=False):
    """Fee fields of a transaction in wei: the two of EIP-1559, or ``gasPrice`` alone."""

    maxFeePerGas: int
    maxPriorityFeePerGas: int
    gasPrice: int


def estimate_fees(w3: Web3) -> Fees:
    """Estimate fees, in the legacy form on a chain whose blocks have no base fee."""
    base_fee = w3.eth.get_block("latest").get("baseFeePerGas")
    if base_fee is None:
        return {"gasPrice": int(w3.eth.gas_price)}
    tip = _suggested_tip(w3)
    return {"maxFeePerGas": BASE_FEE_FACTOR * int(base_fee) + tip, "maxPriorityFeePerGas": tip}


def fee_cap(fees: Fees) -> int:
    """Return the most that one unit of gas may cost, in wei."""
    return fees["maxFeePerGas"] if "maxFeePerGas" in fees else fees["gasPrice"]


def _suggested_tip(w3: Web3) -> int:
    try:
        return int(w3.eth.max_priority_fee)
    except Web3RPCError:
        return FALLBACK_TIP_WEI
