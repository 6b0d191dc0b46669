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
FEES: dict[str, dict[str, Any]] = {
    "legacy": {"gasPrice": 10**9},
    "access list": {
        "type": 1,
        "gasPrice": 10**9,
        "accessList": [{"address": TO, "storageKeys": ["0x" + "01" * 32]}],
    },
    "dynamic fee": {"type": 2, "maxFeePerGas": 10**9, "maxPriorityFeePerGas": 10**8},
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


def test_a_signature_for_every_chain_is_refused() -> None:
    with pytest.raises(UnsignedCallError, match="for no chain in particular"):
        signed_call(shown("legacy", v=27))  # type: ignore[arg-type]


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
