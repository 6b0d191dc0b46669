"""Signed transactions as bytes: what was signed is read back, and nothing else is taken."""

from collections.abc import Mapping
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3

from zkfl.chain.raw_transactions import RawTransactionError, read_raw_transaction

SIGNER = Account.from_key("0x" + "07" * 32)
TO = Web3.to_checksum_address("0x" + "77" * 20)
COMMON = {"to": TO, "data": b"\x12\x34", "value": 5, "nonce": 3, "gas": 90_000}
DYNAMIC = {"maxFeePerGas": 9, "maxPriorityFeePerGas": 2, "chainId": 31_337}
LEGACY = {"gasPrice": 9, "chainId": 31_337}


def signed(fields: Mapping[str, Any]) -> bytes:
    return bytes(SIGNER.sign_transaction(dict(fields)).raw_transaction)


@pytest.mark.parametrize("fees", [DYNAMIC, LEGACY], ids=["dynamic fee", "legacy"])
def test_what_was_signed_is_read_back(fees: dict[str, Any]) -> None:
    made = SIGNER.sign_transaction({**COMMON, **fees})
    read = read_raw_transaction(bytes(made.raw_transaction))
    assert (read.signer, read.to, read.data) == (SIGNER.address, TO, b"\x12\x34")
    assert (read.chain_id, read.nonce, read.value, read.gas) == (31_337, 3, 5, 90_000)
    assert (read.fee_cap, read.tip) == (9, fees.get("maxPriorityFeePerGas", 9))
    assert read.tx_hash == Web3.to_hex(made.hash)


@pytest.mark.parametrize("fees", [DYNAMIC, LEGACY], ids=["dynamic fee", "legacy"])
def test_a_creation_has_no_recipient(fees: dict[str, Any]) -> None:
    creation = {**COMMON, **fees, "to": ""}
    assert read_raw_transaction(signed(creation)).to is None


def test_a_signature_for_every_chain() -> None:
    replayable = {**COMMON, "gasPrice": 9}
    with pytest.raises(RawTransactionError, match="for no chain in particular"):
        read_raw_transaction(signed(replayable))


def test_other_types() -> None:
    access_list = {**COMMON, **LEGACY, "accessList": ()}
    with pytest.raises(RawTransactionError, match="of type 1 are not taken"):
        read_raw_transaction(signed(access_list))
    with pytest.raises(RawTransactionError, match="of type 3 are not taken"):
        read_raw_transaction(b"\x03" + b"\xc0")


@pytest.mark.parametrize("fees", [DYNAMIC, LEGACY], ids=["dynamic fee", "legacy"])
def test_bytes_that_are_cut_or_go_on(fees: dict[str, Any]) -> None:
    raw = signed({**COMMON, **fees})
    for changed in (raw[:-1], raw + b"\0", raw[:1], b""):
        with pytest.raises(RawTransactionError, match="no signed transaction"):
            read_raw_transaction(changed)
