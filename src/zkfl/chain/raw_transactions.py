"""Signed transactions as bytes: what somebody else signed, before it is broadcast."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3

from zkfl.chain.errors import ChainError

_LAST_TYPE = 0x7F
"""A larger first byte begins the list of a legacy transaction.

EIP-2718, https://eips.ethereum.org/EIPS/eip-2718
"""
_DYNAMIC_FEE = 2
_LEGACY_FIELDS = ("nonce", "gasPrice", "gas", "to", "value", "data", "v", "r", "s")
_BYTES = ("to", "data")
_FIRST_V_WITH_CHAIN = 35
"""EIP-155, https://eips.ethereum.org/EIPS/eip-155."""


class RawTransactionError(ChainError):
    """Bytes are no signed transaction of a kind that zkfl makes."""


@dataclass(frozen=True)
class RawTransaction:
    """A signed transaction and what its signature covers.

    Attributes
    ----------
    raw
        The bytes.
    signer
        Address, recovered from the signature.
    to
        Address; None where a contract would be created.
    fee_cap, tip
        The most that a unit of gas may cost, and what of it goes to whoever makes the block, in
        wei; the same where a transaction has one price.
    """

    raw: bytes = field(repr=False)
    signer: str
    chain_id: int
    nonce: int
    to: str | None
    value: int
    gas: int
    fee_cap: int
    tip: int
    data: bytes = field(repr=False)

    @property
    def tx_hash(self) -> str:
        """Return the transaction's hash: 0x and 64 digits."""
        return "0x" + bytes(keccak(self.raw)).hex()


def read_raw_transaction(raw: bytes) -> RawTransaction:
    """Decode a signed transaction and recover its signer.

    Raises
    ------
    RawTransactionError
        The bytes are something else, of another type, or signed for no chain in particular.
    """
    try:
        fields = _legacy(raw) if raw[0] > _LAST_TYPE else _dynamic_fee(raw)
        signer = Account.recover_transaction(HexBytes(raw))
        return _described(raw, signer, fields)
    except RawTransactionError:
        raise
    except Exception as error:
        # whatever somebody else put there, and whichever library notices
        raise RawTransactionError(
            f"{len(raw)} bytes are no signed transaction: {type(error).__name__}"
        ) from error


def _described(raw: bytes, signer: str, fields: Mapping[str, Any]) -> RawTransaction:
    to = bytes(fields["to"])
    return RawTransaction(
        raw=raw,
        signer=signer,
        chain_id=int(fields["chainId"]),
        nonce=int(fields["nonce"]),
        to=Web3.to_checksum_address(to) if to else None,
        value=int(fields["value"]),
        gas=int(fields["gas"]),
        fee_cap=int(fields.get("maxFeePerGas", fields.get("gasPrice"))),
        tip=int(fields.get("maxPriorityFeePerGas", fields.get("gasPrice"))),
        data=bytes(fields["data"]),
    )


def _dynamic_fee(raw: bytes) -> Mapping[str, Any]:
    if raw[0] != _DYNAMIC_FEE:
        raise RawTransactionError(f"transactions of type {raw[0]} are not taken here")
    fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    return {**fields, **{name: HexBytes(fields[name]) for name in _BYTES}}


def _legacy(raw: bytes) -> Mapping[str, Any]:
    entries = rlp.decode(raw)
    fields: dict[str, Any] = {
        name: entry if name in _BYTES else int.from_bytes(entry, "big")
        for name, entry in zip(_LEGACY_FIELDS, entries, strict=True)
    }
    if fields["v"] < _FIRST_V_WITH_CHAIN:
        raise RawTransactionError("the transaction was signed for no chain in particular")
    return {**fields, "chainId": (fields["v"] - _FIRST_V_WITH_CHAIN) // 2}
