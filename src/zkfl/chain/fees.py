"""What a transaction offers to pay, and the most that it may.

Base fee, tip and gas come from the endpoint. One that lies could have an account sign away
all that it holds, so nothing is signed above limits that the endpoint does not know of.

Source of the fee market: EIP-1559, https://eips.ethereum.org/EIPS/eip-1559
"""

import os
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self, TypedDict

from web3 import Web3
from web3.exceptions import Web3RPCError

from zkfl.chain.errors import ChainError

BASE_FEE_FACTOR = 2
"""Covers six full blocks in a row, each raising the base fee by an eighth."""
FALLBACK_TIP_WEI = 10**9
REPLACEMENT_PERCENT = 112
"""Nodes take another transaction of a nonce if it offers a tenth more, in both fees.

https://geth.ethereum.org/docs/fundamentals/command-line-options (txpool.pricebump)
"""
GWEI = 10**9
MAX_FEE_VARIABLE = "ZKFL_MAX_FEE_GWEI"
_GWEI_TEXT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")


class FeeLimitsError(ChainError):
    """The environment's limit for fees cannot be read."""


class TooExpensiveError(ChainError):
    """The endpoint asks for a higher fee or more gas than the limits allow."""


class Fees(TypedDict, total=False):
    """Fee fields of a transaction in wei: the two of EIP-1559, or ``gasPrice`` alone."""

    maxFeePerGas: int
    maxPriorityFeePerGas: int
    gasPrice: int


@dataclass(frozen=True)
class FeeLimits:
    """The most that one transaction may offer, whatever the endpoint asks for.

    Attributes
    ----------
    max_fee_per_gas
        Wei for one unit of gas, tip included; the default is 500 gwei.
    max_gas
        Units of gas; the default is a whole block.
    """

    max_fee_per_gas: int = 500 * GWEI
    max_gas: int = 30_000_000

    @classmethod
    def chosen(cls) -> Self:
        """Return the default limits, with the fee of ``ZKFL_MAX_FEE_GWEI`` where that is set.

        Raises
        ------
        FeeLimitsError
            The variable is no amount of gwei.
        """
        given = os.environ.get(MAX_FEE_VARIABLE)
        if not given:
            return cls()
        if not _GWEI_TEXT.fullmatch(given):
            raise FeeLimitsError(
                f"{MAX_FEE_VARIABLE} is {given!r}, expected gwei per unit of gas, such as 500 or "
                "0.5, below 10^12 and with at most 9 decimals"
            )
        return cls(max_fee_per_gas=int(Decimal(given) * GWEI))

    def require_fee(self, fees: Fees) -> None:
        """Raise `TooExpensiveError` if a unit of gas may cost more than the limit."""
        asked = fee_cap(fees)
        if asked > self.max_fee_per_gas:
            raise TooExpensiveError(
                f"the endpoint asks for {_gwei(asked)} gwei per unit of gas, the limit is "
                f"{_gwei(self.max_fee_per_gas)} gwei, so nothing was signed: compare with another "
                f"endpoint of the chain; if the fee is real, set {MAX_FEE_VARIABLE} higher"
            )

    def require_gas(self, gas: int) -> None:
        """Raise `TooExpensiveError` if a transaction would take more gas than the limit."""
        if gas > self.max_gas:
            raise TooExpensiveError(
                f"the endpoint asks for {gas} gas for one transaction, the limit is "
                f"{self.max_gas}, so nothing was signed: compare with another endpoint of the "
                "chain; if the need is real, pass ChainClient fee_limits with a higher max_gas"
            )


def estimate_fees(w3: Web3) -> Fees:
    """Estimate fees, in the legacy form on a chain whose blocks have no base fee."""
    base_fee = w3.eth.get_block("latest").get("baseFeePerGas")
    if base_fee is None:
        return {"gasPrice": int(w3.eth.gas_price)}
    tip = _suggested_tip(w3)
    return {"maxFeePerGas": BASE_FEE_FACTOR * int(base_fee) + tip, "maxPriorityFeePerGas": tip}


def outbid(fees: Fees, cap: int, tip: int) -> Fees:
    """Return fees that are taken in place of an earlier offer for the same nonce.

    Parameters
    ----------
    fees
        The least to offer.
    cap, tip
        Of the earlier offer, in wei; its price where it has only one.
    """
    least_cap, least_tip = (offer * REPLACEMENT_PERCENT // 100 + 1 for offer in (cap, tip))
    if "gasPrice" in fees:
        return {"gasPrice": max(fees["gasPrice"], least_cap)}
    return {
        "maxFeePerGas": max(fees["maxFeePerGas"], least_cap),
        "maxPriorityFeePerGas": max(fees["maxPriorityFeePerGas"], least_tip),
    }


def fee_cap(fees: Fees) -> int:
    """Return the most that one unit of gas may cost, in wei."""
    return fees["maxFeePerGas"] if "maxFeePerGas" in fees else fees["gasPrice"]


def _suggested_tip(w3: Web3) -> int:
    try:
        return int(w3.eth.max_priority_fee)
    except Web3RPCError:
        return FALLBACK_TIP_WEI


def _gwei(wei: int) -> str:
    return f"{Decimal(wei) / GWEI:g}"
