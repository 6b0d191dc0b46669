"""A proof publishes each committed column at one point, and at no second one.

The blinders of a shard are counted on this: one linear equation a proof. The challenge is
recomputed from the proof as the generated verifier does, and the columns, whose vectors the
test knows, are evaluated there.
"""

import re
from typing import TYPE_CHECKING

import pytest
from eth_utils.crypto import keccak

from zkfl.field import SCALAR_MODULUS
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.prover import prove
from zkfl.zk_circuits.spec import UNUSABLE_ROWS

if TYPE_CHECKING:
    from conftest import Case

DEADLINE = 120.0
WORD = 32
POINT = 64
_PHASE = re.compile(r"proof_cptr_end := add\(proof_cptr, 0x([0-9a-f]+)\)")
_DIGEST = re.compile(r"0x([0-9a-f]{64})\) // vk_digest")
_OMEGA = re.compile(r"0x([0-9a-f]{64})\) // omega\n")


class Transcript:
    """The proof cut into its phases as the verifier's source does."""

    def __init__(self, verifier: str, proof: bytes) -> None:
        lengths = [int(found, 16) for found in _PHASE.findall(verifier)]
        *commitments, evaluations = lengths
        digest, omega = _DIGEST.search(verifier), _OMEGA.search(verifier)
        assert digest
        assert omega
        self.omega = int(omega[1], 16)
        self.point = _challenge(bytes.fromhex(digest[1]), proof, commitments)
        start = sum(commitments)
        words = range(start, start + evaluations, WORD)
        self.evaluations = [int.from_bytes(proof[i : i + WORD], "big") for i in words]
        assert start + evaluations + 2 * POINT == len(proof)


def _challenge(digest: bytes, proof: bytes, phases: list[int]) -> int:
    """Return the last challenge before the evaluations: where columns are opened."""
    state, offset = digest, 0
    for place, length in enumerate(phases):
        state = keccak(state + proof[offset : offset + length])
        offset += length
        # After the second phase a further challenge is squeezed from the first one.
        if place == 1:
            state = keccak(state + b"\1")
    return int.from_bytes(state, "big") % SCALAR_MODULUS


def evaluate(column: list[int], omega: int, x: int) -> int:
    """Evaluate the polynomial with these values on the domain (barycentric formula)."""
    n, p = len(column), SCALAR_MODULUS
    common = (pow(x, n, p) - 1) * pow(n, -1, p) % p
    total, root = 0, 1
    for value in column:
        if value:
            total += value * root * pow(x - root, -1, p)
        root = root * omega % p
    return common * total % p


def column_of(vector: list[int], rows: int) -> list[int]:
    """Return a committed column: the vector, zeros, ones in the unusable rows."""
    used = rows - UNUSABLE_ROWS
    return vector + [0] * (used - len(vector)) + [1] * UNUSABLE_ROWS


@pytest.mark.parametrize("kind", ["admission", "training"])
def test_each_column_is_opened_once(
    kind: str, admission: BuiltCircuit, training: BuiltCircuit, case: "Case"
) -> None:
    built = {"admission": admission, "training": training}[kind]
    inputs = {"admission": case.admission, "training": case.training}[kind]()
    proof = prove(built, inputs, DEADLINE)
    transcript = Transcript(built.files.verifier.read_text(), proof.data)
    x, omega = transcript.point, transcript.omega
    for vector in (inputs | proof.outputs).values():
        column = column_of(vector, 1 << case.spec.logrows)
        assert transcript.evaluations.count(evaluate(column, omega, x)) == 1
        for rotation in (1, -1, 2, -2):
            moved = x * pow(omega, rotation, SCALAR_MODULUS) % SCALAR_MODULUS
            assert evaluate(column, omega, moved) not in transcript.evaluations
