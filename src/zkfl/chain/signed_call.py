"""Who signed a transaction, from the bytes that were signed: no endpoint can forge that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_keys.datatypes import Signature
from eth_utils.conversions import to_int
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxData

from zkfl.chain.errors import ChainError

_ADDRESS_BYTES = 20
_LEGACY, _ACCESS_LIST, _DYNAMIC_FEE, _BLOBS, _SET_CODE = range(5)
_BEFORE_THE_CALL = {
    _ACCESS_LIST: ("chainId", "nonce", "gasPrice", "gas"),
    **dict.fromkeys(
        (_DYNAMIC_FEE, _BLOBS, _SET_CODE),
        ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas"),
    ),
}
"""Every type that a signature can have on Ethereum: what is signed before ``to``, in order.

EIP-2930, EIP-1559, EIP-4844 and EIP-7702, https://eips.ethereum.org/EIPS/eip-7702. All are read,
because contracts cannot see types: a member that sent a call in one that is not read would have
made a statement that counts, and that nobody else could check.
"""
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
    chain_id
        The chain that it was signed for; None for every chain. No node of ours signs such a call,
        and whoever does can only hurt itself: others may repeat it on other chains.
    nonce, to, data
        As they were signed.
    """

    signer: str
    chain_id: int | None
    nonce: int
    to: str
    data: bytes

    def is_for(self, chain_id: int) -> bool:
        """Tell whether the signature holds on a chain."""
        return self.chain_id in (None, chain_id)


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
        As `signed_call`, it creates nothing, or it was signed for no chain in particular.
    """
    if shown.get("to"):
        raise UnsignedCallError("the transaction calls a contract, it creates none")
    signer, chain_id, fields = _signed({**shown, "to": b""})
    if chain_id is None:
        raise UnsignedCallError(
            "the transaction was signed for no chain in particular: it could be a replay"
        )
    digest = keccak(rlp.encode([_bytes(signer), int(fields["nonce"])]))
    address = Web3.to_checksum_address(digest[-_ADDRESS_BYTES:])
    return SignedCreation(signer, address, chain_id, _bytes(fields["input"]))


def signed_call(shown: TxData) -> SignedCall:
    """Rebuild a transaction as it was signed, and recover its signer.

    Every field of the result is covered by the signature, whatever else the endpoint says.

    Raises
    ------
    UnsignedCallError
        A field is missing or malformed, the type is unknown, or it creates a contract.
    """
    if not shown.get("to"):
        raise UnsignedCallError("the transaction creates a contract, it calls none")
    signer, chain_id, fields = _signed(cast("Mapping[str, Any]", shown))
    return SignedCall(
        signer, chain_id, int(fields["nonce"]), str(fields["to"]), _bytes(fields["input"])
    )


def _signed(fields: Mapping[str, Any]) -> tuple[str, int | None, Mapping[str, Any]]:
    """Return signer, chain and the fields, all of which the signature covers."""
    try:
        kind = to_int(fields.get("type", _LEGACY))
        to = Web3.to_checksum_address(fields["to"]) if fields["to"] else b""
        if kind == _LEGACY:
            signer = Account.recover_transaction(HexBytes(_legacy(fields)))
            return signer, _legacy_chain(fields), {**fields, "to": to}
        return _typed_signer(fields, kind), int(fields["chainId"]), {**fields, "to": to}
    except UnsignedCallError:
        raise
    except Exception as error:
        # whatever an endpoint makes up, and whichever library notices
        raise UnsignedCallError(
            f"the endpoint shows a transaction that nobody can have signed: {type(error).__name__}"
        ) from error


def _typed_signer(fields: Mapping[str, Any], kind: int) -> str:
    """Recover who signed ``kind || rlp(fields)``.

    The libraries' own reading refuses more than chains do, such as an authorization whose
    signature cannot be one: a chain skips that, and takes the transaction around it.
    """
    if kind not in _BEFORE_THE_CALL:
        raise UnsignedCallError(f"transactions of type {kind} are not read here")
    digest = keccak(bytes([kind]) + rlp.encode(_typed(fields, kind)))
    parity = fields["yParity"] if "yParity" in fields else fields["v"]
    signature = Signature(vrs=(to_int(parity), _number(fields["r"]), _number(fields["s"])))
    return signature.recover_public_key_from_msg_hash(digest).to_checksum_address()


def _typed(fields: Mapping[str, Any], kind: int) -> list[object]:
    numbers = [int(fields[name]) for name in _BEFORE_THE_CALL[kind]]
    call = [_bytes(fields["to"]), int(fields["value"]), _bytes(fields["input"])]
    places = [
        [_bytes(entry["address"]), [_bytes(key) for key in entry["storageKeys"]]]
        for entry in fields.get("accessList", ())
    ]
    return [*numbers, *call, places, *_further(fields, kind)]


def _further(fields: Mapping[str, Any], kind: int) -> list[object]:
    """Return what only some types have, behind the access list."""
    if kind == _BLOBS:
        hashes = [_bytes(digest) for digest in fields["blobVersionedHashes"]]
        return [int(fields["maxFeePerBlobGas"]), hashes]
    if kind == _SET_CODE:
        return [[_authorization(entry) for entry in fields["authorizationList"]]]
    return []


def _authorization(entry: Mapping[str, Any]) -> list[object]:
    signature = [_number(entry[name]) for name in ("yParity", "r", "s")]
    place = [_number(entry["chainId"]), _bytes(entry["address"]), _number(entry["nonce"])]
    return [*place, *signature]


def _legacy(fields: Mapping[str, Any]) -> bytes:
    numbers = [int(fields[name]) for name in ("nonce", "gasPrice", "gas")]
    signature = [to_int(fields["v"]), _number(fields["r"]), _number(fields["s"])]
    to, value = _bytes(fields["to"]), int(fields["value"])
    return bytes(rlp.encode([*numbers, to, value, _bytes(fields["input"]), *signature]))


def _legacy_chain(fields: Mapping[str, Any]) -> int | None:
    v = to_int(fields["v"])
    return None if v < _FIRST_V_WITH_CHAIN else (v - _FIRST_V_WITH_CHAIN) // 2


def _bytes(value: object) -> bytes:
    return bytes(HexBytes(cast("Any", value)))


def _number(value: object) -> int:
    return value if isinstance(value, int) else int.from_bytes(_bytes(value), "big")
