"""Only one spelling of a submission is read: truncated, padded and rearranged ones are not."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]

HASH = b"\1" * 32
WORD = 32
SELECTOR = 4
PROOF_OFFSET = SELECTOR + WORD
"""Where `submitUpdate` says how far on the proof begins."""
HEAD_WORDS = 5
"""Round, proof offset, two coordinates, hash."""


def word(value: int) -> bytes:
    return value.to_bytes(WORD, "big")


@pytest.fixture
def call(arena: "Arena") -> bytes:
    zero = tuple(arena.committer.zero)
    return arena.calldata("submitUpdate", 1, arena.honest_proof("ada"), zero, HASH)


def test_the_canonical_bytes_are_taken(arena: "Arena", call: bytes) -> None:
    arena.send_raw("ada", call)
    assert arena.chain.round(1).submissions == 1


@pytest.mark.parametrize("cut", [1, 31, 32, 100, 3000])
def test_truncated(cut: int, arena: "Arena", call: bytes, refused: Refused) -> None:
    # The decoder that solc generates reverts without data where bytes are missing.
    with refused("Unknown") as error:
        arena.send_raw("ada", call[:-cut])
    assert error.values == {"data": "0x"}


@pytest.mark.parametrize("tail", [b"\0", b"\1", bytes(32), b"\xff" * 1000])
def test_trailing_bytes(tail: bytes, arena: "Arena", call: bytes, refused: Refused) -> None:
    with refused("NonCanonicalCalldata") as error:
        arena.send_raw("ada", call + tail)
    assert error.values == {
        "actualLength": len(call) + len(tail),
        "canonicalLength": len(call),
    }


def test_a_gap_before_the_proof(arena: "Arena", call: bytes, refused: Refused) -> None:
    head = SELECTOR + HEAD_WORDS * WORD
    for gap in (WORD, 7):
        moved = word(HEAD_WORDS * WORD + gap)
        shifted = call[:PROOF_OFFSET] + moved + call[PROOF_OFFSET + WORD : head]
        with refused("NonCanonicalCalldata"):
            arena.send_raw("ada", shifted + b"\xee" * gap + call[head:])


def test_a_second_proof_behind_the_one_pointed_at(
    arena: "Arena", call: bytes, refused: Refused
) -> None:
    """The valid proof stands where a careless verifier reads, junk where the offset points."""
    proof = arena.honest_proof("ada")
    junk = word(len(proof)) + bytes(len(proof))
    pointing = call[:PROOF_OFFSET] + word(len(call) - SELECTOR) + call[PROOF_OFFSET + WORD :]
    with refused("NonCanonicalCalldata"):
        arena.send_raw("ada", pointing + junk)


@pytest.mark.parametrize(
    ("offset", "error"),
    [(0, "NonCanonicalCalldata"), (2**255, "Unknown"), (2**256 - 1, "Unknown")],
)
def test_an_offset_that_leads_elsewhere(
    offset: int, error: str, arena: "Arena", call: bytes, refused: Refused
) -> None:
    pointing = call[:PROOF_OFFSET] + word(offset) + call[PROOF_OFFSET + WORD :]
    with refused(error):
        arena.send_raw("ada", pointing)


def test_dirty_padding(arena: "Arena", refused: Refused) -> None:
    """A count with junk above its 32 bits, and junk after a proof that fills no word."""
    arena.push()
    admit = arena.calldata("admitShard", 8, b"\1" * 31)
    with refused("NonCanonicalCalldata"):
        arena.send_raw("ada", admit[:-1] + b"\1")
    with refused("Unknown"):
        arena.send_raw("ada", admit[:SELECTOR] + word(8 | 1 << 32) + admit[SELECTOR + WORD :])


@pytest.mark.parametrize("length", [0, 63, 64, 383, 384])
def test_a_short_proof(length: int, arena: "Arena", refused: Refused) -> None:
    """Too short for its commitments, or nothing behind them."""
    with refused("ProofTooShort" if length < 6 * 64 else "ProofLengthMismatch"):
        arena.send("ada", arena.honest_proof("ada")[:length])


@pytest.mark.parametrize("more", [1, 32, 4096])
def test_an_oversized_proof(more: int, arena: "Arena", refused: Refused) -> None:
    proof = arena.honest_proof("ada")
    with refused("ProofLengthMismatch") as error:
        arena.send("ada", proof + bytes(more))
    assert (error.values["actual"], error.values["expected"]) == (len(proof) + more, len(proof))


def test_unknown_functions_and_plain_transfers(arena: "Arena", refused: Refused) -> None:
    for data in (b"", b"\xde\xad\xbe\xef", b"\0" * 3):
        with refused("Unknown"):
            arena.send_raw("ada", data)
