"""A liar chooses the type of the transaction that parts a pair: its victims read every one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3

from zkfl.chain.signed_call import signed_call
from zkfl.chain.transport import CheckedHTTPProvider, RpcLimits
from zkfl.curve import G1Point, add, subtract

if TYPE_CHECKING:
    from conftest import Arena

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


def send(arena: "Arena", name: str, sign: Callable[[Any, Any], bytes], data: str) -> str:
    """Send a call to the registry; return the transaction's hash."""
    client = arena.nodes[name].registry.client
    fields = {
        "chainId": client.chain_id,
        "nonce": client.transaction_count(arena.nodes[name].address, "pending"),
        "gas": 3_000_000,
        "maxFeePerGas": 10**10,
        "maxPriorityFeePerGas": 10**9,
        "to": arena.chain.address,
        "value": 0,
        "data": data,
    }
    # once and with patience: a busy machine takes long over a blob, and refuses it the second time
    w3 = Web3(CheckedHTTPProvider(arena.anvil.url, RpcLimits(timeout_seconds=300.0, retries=0)))
    tx_hash = w3.eth.send_raw_transaction(sign(client.account, fields))
    receipt = w3.eth.wait_for_transaction_receipt(tx_hash, timeout=300)
    assert receipt["status"] == 1
    return tx_hash.to_0x_hex()


@pytest.mark.parametrize(
    ("sign", "kind"),
    [
        (for_every_chain, 0),
        (with_blob, 3),
        (with_authorization, 4),
        (with_impossible_authorization, 4),
    ],
)
def test_a_liar_cannot_hide_its_split(
    arena: "Arena", sign: Callable[[Any, Any], bytes], kind: int
) -> None:
    """Cay lies towards ada alone; ada takes it as apart, and goes on without its masks."""
    one_more = subtract(arena.committer.commit([1]), arena.committer.zero)
    arena.submit_all(but="cay")
    mask = add(arena.committer.commit(arena.mask("cay")), one_more)
    arena.send("cay", arena.honest_proof("cay"), mask=mask)
    arena.coordinator.close_round(1)
    for name in ("bay", "ada"):
        arena.nodes[name].split_mask(1)
    towards = arena.pair_commitments("cay")
    tx_hash = send(arena, "cay", sign, split_call(arena, [add(towards[0], one_more), towards[1]]))
    assert arena.chain.round(1).attempt == 2
    shown = arena.chain.client.transaction(tx_hash)
    assert shown is not None
    assert shown["type"] == kind
    assert signed_call(shown).signer == arena.nodes["cay"].address
    assert arena.nodes["ada"].remask(1) is not None


def split_call(arena: "Arena", parts: list[G1Point]) -> str:
    about, registry = arena.round_masks("cay").about, arena.chain
    contract = registry.client.w3.eth.contract(abi=list(registry.abi))
    points = [tuple(part) for part in parts]
    return str(contract.encode_abi("splitMask", args=[1, about.attempt, about.cohort, points]))
