"""Who signed a transaction, from the bytes that were signed: no endpoint can forge that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.conversions import to_int
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxData

from zkfl.chain.errors import ChainError

_ADDRESS_BYTES = 20
_LEGACY, _ACCESS_LIST, _DYNAMIC_FEE = range(3)
_FIRST_V_WITH_CHAIN = 35
"""EIP-155, https://eips.ethereum.org/EIPS/eip-155: an older signature holds for every chain."""


class UnsignedCallError(ChainError):
    """What an endpoint shows as a transaction is none that anybody signed for this chain."""


@dataclass(frozen=True)
class SignedCall:
    """What a signature covers.

    Attributes
    ----------
    signer
        Address, recovered from the signature.
    chain_id, nonce, to, data
        As they were signed.
    """

    signer: str
    chain_id: int
    nonce: int
    to: str
    data: bytes


@dataclass(frozen=True)
class SignedCreation:
    """What a signature covers that creates a contract.

    Attributes
    ----------
    signer, address
        Who created, and where: ``keccak(rlp([signer, nonce]))[12:]`` (Ethereum's yellow paper,
        section 7, https://ethereum.github.io/yellowpaper/paper.pdf), which no endpoint chooses.
    chain_id, data
        As they were signed.
    """

    signer: str
    address: str
    chain_id: int
    data: bytes


def signed_creation(shown: TxData) -> SignedCreation:
    """Rebuild a creation as it was signed; recover its signer and the address that it leads to.

    Raises
    ------
    UnsignedCallError
        As `signed_call`, or it creates nothing.
    """
    if shown.get("to"):
        raise UnsignedCallError("the transaction calls a contract, it creates none")
    signer, chain_id, fields = _signed({**shown, "to": b""})
    digest = keccak(rlp.encode([_bytes(signer), int(fields["nonce"])]))
    address = Web3.to_checksum_address(digest[-_ADDRESS_BYTES:])
    return SignedCreation(signer, address, chain_id, _bytes(fields["input"]))


def signed_call(shown: TxData) -> SignedCall:
    """Rebuild a transaction as it was signed, and recover its signer.

    Every field of the result is covered by the signature, whatever else the endpoint says.

    Raises
    ------
    UnsignedCallError
        A field is missing or malformed, the type is unknown, it creates a contract, or it was
        signed without a chain.
    """
    if not shown.get("to"):
        raise UnsignedCallError("the transaction creates a contract, it calls none")
    signer, chain_id, fields = _signed(cast("Mapping[str, Any]", shown))
    return SignedCall(
        signer, chain_id, int(fields["nonce"]), str(fields["to"]), _bytes(fields["input"])
    )


def _signed(fields: Mapping[str, Any]) -> tuple[str, int, Mapping[str, Any]]:
    """Return signer, chain and the fields, all of which the signature covers."""
    try:
        kind = to_int(fields.get("type", _LEGACY))
        chain_id = _legacy_chain(fields) if kind == _LEGACY else int(fields["chainId"])
        raw = _legacy(fields) if kind == _LEGACY else _typed(fields, kind)
        to = Web3.to_checksum_address(fields["to"]) if fields["to"] else b""
        return Account.recover_transaction(HexBytes(raw)), chain_id, {**fields, "to": to}
    except UnsignedCallError:
        raise
    except Exception as error:
        # whatever an endpoint makes up, and whichever library notices
        raise UnsignedCallError(
            f"the endpoint shows a transaction that nobody can have signed: {type(error).__name__}"
        ) from error


def _typed(fields: Mapping[str, Any], kind: int) -> bytes:
    fees = {
        _ACCESS_LIST: ("gasPrice",),
        _DYNAMIC_FEE: ("maxFeePerGas", "maxPriorityFeePerGas"),
    }
    if kind not in fees:
        raise UnsignedCallError(f"transactions of type {kind} are not read here")
    names = ("chainId", "nonce", "gas", "to", "value", *fees[kind])
    entries = [
        {"address": entry["address"], "storageKeys": list(entry["storageKeys"])}
        for entry in fields.get("accessList", ())
    ]
    parity = fields["yParity"] if "yParity" in fields else fields["v"]
    signed = {
        **{name: fields[name] for name in names},
        "type": kind,
        "data": _bytes(fields["input"]),
        "accessList": entries,
        "v": to_int(parity),
        "r": _number(fields["r"]),
        "s": _number(fields["s"]),
    }
    return bytes(TypedTransaction.from_dict(signed).encode())


def _legacy(fields: Mapping[str, Any]) -> bytes:
    numbers = [int(fields[name]) for name in ("nonce", "gasPrice", "gas")]
    signature = [to_int(fields["v"]), _number(fields["r"]), _number(fields["s"])]
    to, value = _bytes(fields["to"]), int(fields["value"])
    return bytes(rlp.encode([*numbers, to, value, _bytes(fields["input"]), *signature]))


def _legacy_chain(fields: Mapping[str, Any]) -> int:
    v = to_int(fields["v"])
    if v < _FIRST_V_WITH_CHAIN:
        raise UnsignedCallError(
            "the transaction was signed for no chain in particular: it could be a replay"
        )
    return (v - _FIRST_V_WITH_CHAIN) // 2


def _bytes(value: object) -> bytes:
    return bytes(HexBytes(cast("Any", value)))


def _number(value: object) -> int:
    return value if isinstance(value, int) else int.from_bytes(_bytes(value), "big")
