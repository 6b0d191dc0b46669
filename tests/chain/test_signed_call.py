"""A transaction's signer is computed from all that was signed; nothing else is believed."""

from typing import Any

import pytest
from eth_account import Account
from hexbytes import HexBytes
from web3.utils.address import get_create_address

from zkfl.chain.signed_call import (
    SignedCall,
    UnsignedCallError,
    signed_call,
    signed_creation,
)

ACCOUNT, OTHER = Account.create(), Account.create()
TO = Account.create().address
CHAIN = 31_337
DATA = "0x" + "ab" * 36
COMMON = {"chainId": CHAIN, "nonce": 7, "gas": 100_000, "to": TO, "value": 0, "data": DATA}
AUTHORIZATION = {"chainId": 0, "address": TO, "nonce": 3, "yParity": 1, "r": 2**255, "s": 7}
FEES: dict[str, dict[str, Any]] = {
    "legacy": {"gasPrice": 10**9},
    "access list": {
        "type": 1,
        "gasPrice": 10**9,
        "accessList": [{"address": TO, "storageKeys": ["0x" + "01" * 32]}],
    },
    "dynamic fee": {"type": 2, "maxFeePerGas": 10**9, "maxPriorityFeePerGas": 10**8},
    "blobs": {
        "type": 3,
        "maxFeePerGas": 10**9,
        "maxPriorityFeePerGas": 10**8,
        "maxFeePerBlobGas": 10**9,
        "blobVersionedHashes": ["0x01" + "07" * 31],
    },
    "set code": {
        "type": 4,
        "maxFeePerGas": 10**9,
        "maxPriorityFeePerGas": 10**8,
        "authorizationList": [AUTHORIZATION],
    },
}


def shown(kind: str, **changes: object) -> dict[str, Any]:
    """Return a signed transaction as an endpoint shows it, with whatever it changes."""
    fields = {**COMMON, **FEES[kind]}
    signed = ACCOUNT.sign_transaction(fields)
    view = {name: value for name, value in fields.items() if name != "data"}
    signature = {"v": signed.v, "r": HexBytes(signed.r), "s": HexBytes(signed.s)}
    return (
        {"type": 0, **view, "input": HexBytes(DATA), "from": ACCOUNT.address} | signature | changes
    )


@pytest.mark.parametrize("kind", FEES)
def test_what_was_signed_is_read(kind: str) -> None:
    expected = SignedCall(ACCOUNT.address, CHAIN, 7, TO, bytes.fromhex(DATA[2:]))
    assert signed_call(shown(kind)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", FEES)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nonce", 8),
        ("to", OTHER.address),
        ("value", 1),
        ("input", HexBytes("0x" + "ac" * 36)),
        ("gas", 100_001),
        ("r", HexBytes("0x" + "01" * 32)),
    ],
    ids=["nonce", "to", "value", "input", "gas", "r"],
)
def test_a_changed_field_is_not_signed_by_the_same(kind: str, field: str, value: object) -> None:
    try:
        assert signed_call(shown(kind, **{field: value})).signer != ACCOUNT.address  # type: ignore[arg-type]
    except UnsignedCallError:
        return


def test_whom_the_endpoint_names_does_not_count() -> None:
    call = signed_call(shown("dynamic fee", **{"from": OTHER.address}))  # type: ignore[arg-type]
    assert call.signer == ACCOUNT.address


@pytest.mark.parametrize("kind", FEES)
def test_another_chain_is_another_signer_or_shown_as_such(kind: str) -> None:
    try:
        call = signed_call(shown(kind, chainId=1))  # type: ignore[arg-type]
    except UnsignedCallError:
        return
    # a legacy signature holds its chain itself
    assert call.signer != ACCOUNT.address or call.chain_id == CHAIN


def shown_for_every_chain(**changes: object) -> dict[str, Any]:
    """Return a transaction as it was signed before EIP-155."""
    fields = {name: value for name, value in COMMON.items() if name != "chainId"}
    signed = ACCOUNT.sign_transaction({**fields, **FEES["legacy"]})
    assert signed.v in {27, 28}
    signature = {"v": signed.v, "r": HexBytes(signed.r), "s": HexBytes(signed.s)}
    return {"type": 0, **fields, **FEES["legacy"], "input": HexBytes(DATA), **signature, **changes}


def test_a_signature_for_every_chain_is_read_as_such() -> None:
    call = signed_call(shown_for_every_chain())  # type: ignore[arg-type]
    assert call == SignedCall(ACCOUNT.address, None, 7, TO, bytes.fromhex(DATA[2:]))
    assert call.is_for(CHAIN)
    assert call.is_for(1)


def test_a_signature_for_a_chain_holds_there_alone() -> None:
    call = signed_call(shown("legacy"))  # type: ignore[arg-type]
    assert call.is_for(CHAIN)
    assert not call.is_for(1)


def test_a_call_for_every_chain_that_was_changed_is_not_signed_by_the_same() -> None:
    changed = signed_call(shown_for_every_chain(nonce=8))  # type: ignore[arg-type]
    assert changed.signer != ACCOUNT.address


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("blobs", "blobVersionedHashes", ["0x01" + "08" * 31]),
        ("blobs", "blobVersionedHashes", []),
        ("blobs", "maxFeePerBlobGas", 1),
        ("set code", "authorizationList", []),
        *(
            (
                "set code",
                "authorizationList",
                [{**FEES["set code"]["authorizationList"][0], **change}],
            )
            for change in (
                {"chainId": CHAIN},
                {"address": OTHER.address},
                {"nonce": 4},
                {"yParity": 0},
                {"r": 1},
                {"s": 8},
            )
        ),
    ],
)
def test_what_only_one_type_has_is_signed_too(kind: str, field: str, value: object) -> None:
    call = signed_call(shown(kind, **{field: value}))  # type: ignore[arg-type]
    assert call.signer != ACCOUNT.address


def test_a_type_without_its_own_fields_is_refused() -> None:
    for kind, field in (("blobs", "blobVersionedHashes"), ("set code", "authorizationList")):
        view = shown(kind)
        del view[field]
        with pytest.raises(UnsignedCallError):
            signed_call(view)  # type: ignore[arg-type]


def test_a_creation_for_every_chain_is_refused() -> None:
    with pytest.raises(UnsignedCallError, match="for no chain in particular"):
        signed_creation(shown_for_every_chain(to=None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [{"type": 3}, {"type": 9}, {"to": None}, {"s": "zz"}, {"nonce": "many"}, {"accessList": [1]}],
    ids=str,
)
def test_what_is_no_call_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UnsignedCallError):
        signed_call(shown("dynamic fee", **changes))  # type: ignore[arg-type]


def test_missing_fields_are_refused() -> None:
    for name in ("nonce", "to", "input", "v", "r", "s", "chainId", "maxFeePerGas"):
        view = shown("dynamic fee")
        del view[name]
        with pytest.raises(UnsignedCallError):
            signed_call(view)  # type: ignore[arg-type]


def shown_creation(kind: str, **changes: object) -> dict[str, Any]:
    """Return a signed creation as an endpoint shows it."""
    fields = {name: value for name, value in {**COMMON, **FEES[kind]}.items() if name != "to"}
    signed = ACCOUNT.sign_transaction(fields)
    view = {name: value for name, value in fields.items() if name != "data"}
    signature = {"v": signed.v, "r": HexBytes(signed.r), "s": HexBytes(signed.s)}
    return {"type": 0, **view, "to": None, "input": HexBytes(DATA)} | signature | changes


@pytest.mark.parametrize("kind", FEES)
def test_a_creation_leads_to_its_address(kind: str) -> None:
    creation = signed_creation(shown_creation(kind))  # type: ignore[arg-type]
    assert (creation.signer, creation.chain_id) == (ACCOUNT.address, CHAIN)
    assert creation.address == get_create_address(ACCOUNT.address, COMMON["nonce"])
    assert creation.data == bytes.fromhex(DATA[2:])


@pytest.mark.parametrize("kind", FEES)
@pytest.mark.parametrize(
    ("field", "value"), [("nonce", 8), ("input", HexBytes("0x" + "ac" * 36)), ("value", 1)]
)
def test_a_changed_creation_leads_elsewhere(kind: str, field: str, value: object) -> None:
    honest = signed_creation(shown_creation(kind))  # type: ignore[arg-type]
    try:
        changed = signed_creation(shown_creation(kind, **{field: value}))  # type: ignore[arg-type]
    except UnsignedCallError:
        return
    assert changed.address != honest.address


def test_a_call_is_no_creation_and_a_creation_no_call() -> None:
    with pytest.raises(UnsignedCallError, match="it creates none"):
        signed_creation(shown("dynamic fee"))  # type: ignore[arg-type]
    with pytest.raises(UnsignedCallError, match="it calls none"):
        signed_call(shown_creation("dynamic fee"))  # type: ignore[arg-type]
