"""The generated verifier trusts the layout of its calldata; the router never lets it.

The verifier hashes the proof where the offset points and evaluates at fixed positions. A
transaction that splits the two is what the router has to make harmless.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3.exceptions import ContractLogicError

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]

WORD = 32
TRUE = (1).to_bytes(WORD, "big")


def ask(arena: "Arena", to: str, data: bytes) -> bytes:
    request: Any = {"to": to, "data": HexBytes(data)}
    return bytes(arena.chain.client.w3.eth.call(request))


def accepts(arena: "Arena", arguments: bytes) -> bool:
    """Tell whether the bare verifier takes these arguments."""
    verifier = arena.router.route(arena.chain.config().training_circuit).verifier
    try:
        selector = keccak(text="verifyProof(bytes,uint256[])")[:4]
        return ask(arena, verifier, selector + arguments) == TRUE
    except ContractLogicError:
        return False


@pytest.fixture
def proof(arena: "Arena") -> bytes:
    return arena.honest_proof("ada")


def test_the_bare_verifier_takes_the_canonical_call(arena: "Arena", proof: bytes) -> None:
    assert accepts(arena, encode(["bytes", "uint256[]"], [proof, []]))


@pytest.mark.parametrize("instances", [[0], [1], [0] * 6, [2**256 - 1]])
def test_it_refuses_any_instance(instances: list[int], arena: "Arena", proof: bytes) -> None:
    assert not accepts(arena, encode(["bytes", "uint256[]"], [proof, instances]))


@pytest.mark.parametrize("more", [-1, -32, 1, 32, 10_000])
def test_it_refuses_other_lengths(more: int, arena: "Arena", proof: bytes) -> None:
    other = resized(proof, more)
    assert not accepts(arena, encode(["bytes", "uint256[]"], [other, []]))


def resized(proof: bytes, more: int) -> bytes:
    return proof[:more] if more < 0 else proof + bytes(more)


def split(proof: bytes, shown: bytes) -> bytes:
    """Let the offset point to `shown` while `proof` fills the fixed positions."""
    padding = bytes(-len(proof) % WORD)
    start = 3 * WORD + len(proof) + len(padding)
    words = [start, start + WORD + len(shown), len(proof)]
    head = b"".join(value.to_bytes(WORD, "big") for value in words)
    tail = len(shown).to_bytes(WORD, "big") + shown + bytes(WORD)
    return head + proof + padding + tail


def test_the_router_judges_the_proof_that_it_was_shown(
    arena: "Arena", proof: bytes, refused: Refused
) -> None:
    circuit = arena.chain.config().training_circuit
    junk = proof[: len(proof) // 2] + bytes(len(proof) - len(proof) // 2)
    arguments = split(proof, junk)
    offset = int.from_bytes(arguments[:WORD], "big")
    # requireValid(bytes32,bytes) with the same two places, of which only one is the argument
    call = keccak(text="requireValid(bytes32,bytes)")[:4] + circuit
    call += offset.to_bytes(WORD, "big") + arguments[2 * WORD :]
    with refused("InvalidProof") as error:
        arena.chain.client.send(arena.router.address, call)
    assert error.values["proofHash"] == keccak(junk)


@pytest.mark.parametrize("more", [-32, -1, 1, 32])
def test_the_router_refuses_other_lengths(
    more: int, arena: "Arena", proof: bytes, refused: Refused
) -> None:
    circuit = arena.chain.config().training_circuit
    with refused("ProofLengthMismatch"):
        arena.router.require_valid(circuit, resized(proof, more))


def test_the_router_knows_no_other_circuit(arena: "Arena", proof: bytes, refused: Refused) -> None:
    with refused("CircuitUnknown"):
        arena.router.require_valid(b"\7" * 32, proof)
