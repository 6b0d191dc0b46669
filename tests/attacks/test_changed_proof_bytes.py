"""A proof with one byte changed is refused, wherever the byte stands."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zkfl.chain.errors import ContractRevertError

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]

POINT = 64
DATA, MODEL, SECRETS, PUBLIC, UPDATE, ZEROS = range(6)
COLUMNS = 9
"""Advice columns: six committed vectors and three of the circuit's own."""
OFF_CURVE = {"PointNotOnCurve", "CoordinateNotBelowModulus"}
LINKS = {
    DATA: {"DataCommitmentMismatch"},
    MODEL: {"ModelCommitmentMismatch"},
    PUBLIC: OFF_CURVE,
    UPDATE: OFF_CURVE,
    ZEROS: {"ZeroCommitmentMismatch"},
}


def changed(proof: bytes, place: int, flip: int = 1) -> bytes:
    altered = bytearray(proof)
    altered[place] ^= flip
    return bytes(altered)


@pytest.mark.parametrize(
    ("point", "error"),
    [
        (DATA, "DataCommitmentMismatch"),
        (MODEL, "ModelCommitmentMismatch"),
        (SECRETS, "InvalidProof"),
        (PUBLIC, "PointNotOnCurve"),
        (UPDATE, "PointNotOnCurve"),
        (ZEROS, "ZeroCommitmentMismatch"),
        (COLUMNS - 1, "InvalidProof"),
    ],
)
def test_a_commitment_point(point: int, error: str, arena: "Arena", refused: Refused) -> None:
    proof = arena.honest_proof("ada")
    for coordinate_end in (POINT // 2 - 1, POINT - 1):
        with refused(error):
            arena.send("ada", changed(proof, point * POINT + coordinate_end))


@pytest.mark.parametrize("from_end", [2 * POINT + 32, 20 * 32, 40 * 32])
def test_an_evaluation(from_end: int, arena: "Arena", refused: Refused) -> None:
    proof = arena.honest_proof("ada")
    with refused("InvalidProof"):
        arena.send("ada", changed(proof, len(proof) - from_end + 31))


@pytest.mark.parametrize("from_end", [2 * POINT, POINT])
def test_the_opening_proof(from_end: int, arena: "Arena", refused: Refused) -> None:
    proof = arena.honest_proof("ada")
    with refused("InvalidProof"):
        arena.send("ada", changed(proof, len(proof) - from_end))


def test_two_points_exchanged(arena: "Arena", refused: Refused) -> None:
    proof = arena.honest_proof("ada")
    with refused("DataCommitmentMismatch"):
        arena.send("ada", proof[POINT : 2 * POINT] + proof[:POINT] + proof[2 * POINT :])


def test_a_valid_point_in_place_of_the_update(arena: "Arena", refused: Refused) -> None:
    """Any point of the curve would do for the sums on chain; only the proof binds it."""
    proof = arena.honest_proof("ada")
    other = arena.honest_proof("bay")[UPDATE * POINT : (UPDATE + 1) * POINT]
    with refused("InvalidProof"):
        arena.send("ada", proof[: UPDATE * POINT] + other + proof[(UPDATE + 1) * POINT :])


@settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_byte(arena: "Arena", data: st.DataObject) -> None:
    proof = arena.honest_proof("ada")
    place = data.draw(st.integers(0, len(proof) - 1))
    altered = changed(proof, place, data.draw(st.integers(1, 255)))
    before = arena.storage_root()
    with pytest.raises(ContractRevertError) as caught:
        arena.send("ada", altered)
    assert caught.value.name in LINKS.get(place // POINT, {"InvalidProof"})
    assert arena.storage_root() == before


def test_the_router_itself_refuses_it(arena: "Arena", refused: Refused) -> None:
    proof = arena.honest_proof("ada")
    circuit = arena.chain.config().training_circuit
    arena.router.require_valid(circuit, proof)
    for place in range(0, len(proof), len(proof) // 12):
        with refused("InvalidProof") as error:
            arena.router.require_valid(circuit, changed(proof, place))
        assert error.values["circuit"] == circuit
