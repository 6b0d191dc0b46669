"""Openings of committed vectors: what opens, and that nothing else does."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkfl.commitments import Committer
from zkfl.curve import INFINITY, CurveError, G1Point, multiply, subtract
from zkfl.field import SCALAR_MODULUS, FieldError, random_elements
from zkfl.srs.demo import DEMO_TAU, cached_demo_srs, demo_s_g2
from zkfl.srs.domain import omega
from zkfl.srs.file import SrsFile
from zkfl.vector_opening import VectorOpeningError, challenge, open_vector, opens

LOGROWS = 6
VECTORS = Path(__file__).parents[1] / "vectors" / "opening.json"
SHARED: dict[str, Any] = json.loads(VECTORS.read_text())


@pytest.fixture(scope="module")
def srs() -> SrsFile:
    return cached_demo_srs(LOGROWS)


def committed(srs: SrsFile, vector: list[int]) -> G1Point:
    committer = Committer(srs.path)
    return subtract(committer.commit(vector), committer.zero)


def point(case: dict[str, str]) -> G1Point:
    return G1Point(int(case["x"], 16), int(case["y"], 16))


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: f"{len(case['values'])} entries")
def test_shared_vectors(case: dict[str, Any], srs: SrsFile) -> None:
    vector = [int(entry, 16) for entry in case["values"]]
    commitment = point(case["commitment"])
    assert committed(srs, vector) == commitment
    assert challenge(srs.rows, commitment, vector) == int(case["challenge"], 16)
    assert open_vector(srs, commitment, vector) == point(case["quotient"])
    assert opens(srs, commitment, vector, point(case["quotient"]))


def test_the_shared_setup_is_the_demo_one() -> None:
    assert SHARED["logrows"] == LOGROWS
    assert int(SHARED["omega"], 16) == omega(LOGROWS)
    assert int(SHARED["tau"], 16) == DEMO_TAU
    words = [int(SHARED["tauG2"][name], 16) for name in ("xC0", "xC1", "yC0", "yC1")]
    assert tuple(words) == tuple(demo_s_g2())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, SCALAR_MODULUS - 1), min_size=1, max_size=50), st.data())
def test_one_changed_entry_does_not_open(vector: list[int], data: st.DataObject) -> None:
    srs = cached_demo_srs(LOGROWS)
    commitment = committed(srs, vector)
    quotient = open_vector(srs, commitment, vector)
    place = data.draw(st.integers(0, len(vector) - 1))
    changed = list(vector)
    changed[place] = (changed[place] + data.draw(st.integers(1, 2**64))) % SCALAR_MODULUS
    assert opens(srs, commitment, vector, quotient)
    assert not opens(srs, commitment, changed, quotient)
    with pytest.raises(VectorOpeningError, match="does not open"):
        open_vector(srs, commitment, changed)


@pytest.mark.parametrize("change", ["reversed", "shorter", "longer", "other quotient", "infinity"])
def test_what_is_not_the_vector_does_not_open(change: str, srs: SrsFile) -> None:
    vector = random_elements(8)
    commitment = committed(srs, vector)
    quotient = open_vector(srs, commitment, vector)
    wrong = {"reversed": vector[::-1], "shorter": vector[:-1], "longer": [*vector, 1]}
    others = {"other quotient": multiply(quotient, 2), "infinity": INFINITY}
    assert not opens(srs, commitment, wrong.get(change, vector), others.get(change, quotient))


def test_a_quotient_of_the_same_vector_under_another_commitment(srs: SrsFile) -> None:
    vector = random_elements(4)
    commitment = committed(srs, vector)
    quotient = open_vector(srs, commitment, vector)
    assert not opens(srs, multiply(commitment, 2), vector, quotient)


def test_entries_that_are_no_field_elements(srs: SrsFile) -> None:
    for entry in (SCALAR_MODULUS, -1):
        with pytest.raises(FieldError, match="not a field element"):
            opens(srs, INFINITY, [entry], INFINITY)


def test_more_entries_than_rows(srs: SrsFile) -> None:
    with pytest.raises(VectorOpeningError, match="65 entries do not fit the 64 rows"):
        opens(srs, INFINITY, [0] * 65, INFINITY)


def test_points_off_the_curve(srs: SrsFile) -> None:
    vector = [1, 2]
    commitment = committed(srs, vector)
    with pytest.raises(CurveError):
        opens(srs, commitment, vector, G1Point(1, 3))
    with pytest.raises(CurveError):
        opens(srs, G1Point(1, 3), vector, commitment)
