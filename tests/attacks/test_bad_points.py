"""Points off the curve, at infinity, or written in a second way are refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.curve import INFINITY, G1Point
from zkfl.field import BASE_MODULUS

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]

POINT = 64
SECRETS, PUBLIC, UPDATE, LAST_COLUMN = 2, 3, 4, 8


def words(point: tuple[int, int]) -> bytes:
    return b"".join(coordinate.to_bytes(32, "big") for coordinate in point)


def put(proof: bytes, place: int, point: tuple[int, int]) -> bytes:
    return proof[: place * POINT] + words(point) + proof[(place + 1) * POINT :]


def taken(proof: bytes, place: int) -> G1Point:
    raw = proof[place * POINT : (place + 1) * POINT]
    return G1Point(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))


@pytest.mark.parametrize(
    ("mask", "error"),
    [
        (G1Point(1, 3), "PointNotOnCurve"),
        (G1Point(0, 1), "PointNotOnCurve"),
        (G1Point(BASE_MODULUS + 1, 2), "CoordinateNotBelowModulus"),
        (G1Point(1, BASE_MODULUS + 2), "CoordinateNotBelowModulus"),
        (G1Point(BASE_MODULUS, 0), "CoordinateNotBelowModulus"),
        (G1Point(2**256 - 1, 2**256 - 1), "CoordinateNotBelowModulus"),
        (INFINITY, "PointAtInfinity"),
    ],
)
def test_a_mask_commitment(mask: G1Point, error: str, arena: "Arena", refused: Refused) -> None:
    with refused(error):
        arena.send("ada", arena.honest_proof("ada"), mask=mask)


@pytest.mark.parametrize(
    ("point", "error"),
    [
        ((1, 3), "PointNotOnCurve"),
        ((BASE_MODULUS, 2), "CoordinateNotBelowModulus"),
        ((0, 0), "PointAtInfinity"),
    ],
)
@pytest.mark.parametrize("place", [PUBLIC, UPDATE])
def test_a_point_of_a_proof_that_the_registry_reads(
    place: int, point: tuple[int, int], error: str, arena: "Arena", refused: Refused
) -> None:
    with refused(error):
        arena.send("ada", put(arena.honest_proof("ada"), place, point))


@pytest.mark.parametrize("point", [(1, 3), (BASE_MODULUS, 2), (0, 0), (2**256 - 1, 2**256 - 1)])
@pytest.mark.parametrize("place", [SECRETS, LAST_COLUMN])
def test_a_point_of_a_proof_that_only_the_verifier_reads(
    place: int, point: tuple[int, int], arena: "Arena", refused: Refused
) -> None:
    with refused("InvalidProof"):
        arena.send("ada", put(arena.honest_proof("ada"), place, point))


def test_a_second_spelling_of_the_same_point(arena: "Arena", refused: Refused) -> None:
    """A coordinate plus ``q`` means the same point to a careless reader, not to these."""
    proof = arena.honest_proof("ada")
    for place, error in (
        (0, "DataCommitmentMismatch"),
        (1, "ModelCommitmentMismatch"),
        (SECRETS, "InvalidProof"),
        (PUBLIC, "CoordinateNotBelowModulus"),
        (UPDATE, "CoordinateNotBelowModulus"),
        (5, "ZeroCommitmentMismatch"),
    ):
        x, y = taken(proof, place)
        for alias in ((x + BASE_MODULUS, y), (x, y + BASE_MODULUS)):
            with refused(error):
                arena.send("ada", put(proof, place, alias))


def test_the_negated_update(arena: "Arena", refused: Refused) -> None:
    proof = arena.honest_proof("ada")
    x, y = taken(proof, UPDATE)
    with refused("InvalidProof"):
        arena.send("ada", put(proof, UPDATE, (x, BASE_MODULUS - y)))
