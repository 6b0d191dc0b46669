"""A liar chooses the type of the transaction that parts a pair: its victims read every one."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.signed_call import signed_call
from zkfl.curve import G1Point
from zkfl.node.signed_statements import MaskedAttempt, SignedStatements, Split

_BLOB = bytes(4096 * 32)
_FEES = ("maxPriorityFeePerGas", "maxFeePerGas")


def for_every_chain(account: Any, fields: dict[str, Any]) -> bytes:  # noqa: ANN401 (as signed)
    """Sign as before EIP-155."""
    named = {name: fields[name] for name in ("nonce", "gas", "to", "value", "data")}
    signed = account.sign_transaction({**named, "gasPrice": fields["maxFeePerGas"]})
    return bytes(signed.raw_transaction)


def with_blob(account: Any, fields: dict[str, Any]) -> bytes:  # noqa: ANN401 (as signed)
    typed = {**fields, "type": 3, "maxFeePerBlobGas": 10**10}
    return bytes(account.sign_transaction(typed, blobs=[_BLOB]).raw_transaction)


def with_authorization(account: Any, fields: dict[str, Any]) -> bytes:  # noqa: ANN401 (as signed)
    """Carry what another account signed, so that the sender itself has no code."""
    other = Account.create()
    asked = {"chainId": fields["chainId"], "address": "0x" + "11" * 20, "nonce": 0}
    authorization = other.sign_authorization(asked)
    typed = {**fields, "type": 4, "authorizationList": [authorization]}
    return bytes(account.sign_transaction(typed).raw_transaction)


def with_impossible_authorization(account: Any, fields: dict[str, Any]) -> bytes:  # noqa: ANN401
    """Carry an authorization that nobody can have signed: the chain skips it, and runs the call."""
    authorization = [fields["chainId"], b"\x11" * 20, 0, 5, 2**256 - 1, 2**256 - 1]
    numbers = [fields[name] for name in ("chainId", "nonce", *_FEES, "gas")]
    call = [bytes(HexBytes(fields["to"])), fields["value"], bytes(HexBytes(fields["data"]))]
    body = [*numbers, *call, [], [authorization]]
    signed = account.unsafe_sign_hash(keccak(b"\x04" + rlp.encode(body)))
    return b"\x04" + bytes(rlp.encode([*body, signed.v - 27, signed.r, signed.s]))


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with running_anvil(tmp_path_factory.mktemp("chain") / "node.log") as anvil:
        yield anvil


@pytest.mark.parametrize(
    ("sign", "kind"),
    [
        (for_every_chain, 0),
        (with_blob, 3),
        (with_authorization, 4),
        (with_impossible_authorization, 4),
    ],
)
def test_a_split_is_read(chain: Anvil, sign: Callable[[Any, Any], bytes], kind: int) -> None:
    """The chain takes the transaction; whether a registry is behind the address is its affair."""
    account, place = chain.new_account(), Account.create().address
    client = ChainClient(chain.url, account, chain.chain_id)
    contract = client.w3.eth.contract(abi=list(registry_abi()))
    data = contract.encode_abi("splitMask", args=[3, 1, b"\x07" * 32, [(1, 2)]])
    fields = {
        "chainId": chain.chain_id,
        "nonce": 0,
        "gas": 300_000,
        "maxFeePerGas": 10**10,
        "maxPriorityFeePerGas": 10**9,
        "to": place,
        "value": 0,
        "data": data,
    }
    tx_hash = client.w3.eth.send_raw_transaction(sign(account, fields))
    assert client.w3.eth.wait_for_transaction_receipt(tx_hash)["status"] == 1
    shown = client.transaction(tx_hash.to_0x_hex())
    assert shown is not None
    assert shown["type"] == kind
    assert signed_call(shown).signer == account.address
    event = SimpleNamespace(values={"member": account.address}, tx_hash=tx_hash.to_0x_hex())
    registry: Any = SimpleNamespace(
        client=client, address=place, abi=registry_abi(), events=lambda **_: [event]
    )
    about = MaskedAttempt(3, 1, b"\x07" * 32)
    splits = list(SignedStatements(registry).splits([account.address]))
    assert splits == [Split(account.address, about, (G1Point(1, 2),))]
