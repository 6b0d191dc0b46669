"""The integer reference of the benefit circuit equals a witness bit for bit, and is a cosine."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from zkfl.field import random_elements
from zkfl.zk_circuits.benefit import define
from zkfl.zk_circuits.benefit.reference import benefit_zeros, highest_level
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import TINY, get_instance
from zkfl.zk_circuits.layout import pack_model
from zkfl.zk_circuits.prover import compute_witness

if TYPE_CHECKING:
    from conftest import MakeSrs, Vectors

LARGEST_UPDATE = (5 << 33) + (1 << 27)
"""The clip of the instance, and noise."""
LARGEST_REST = 1 << 54
CONTEXT = 0x1234_5678_9ABC_DEF0 << 128


@pytest.fixture(scope="session")
def built(make_srs: "MakeSrs", tmp_path_factory: pytest.TempPathFactory) -> BuiltCircuit:
    return build_circuit(define(TINY), make_srs(TINY.logrows), tmp_path_factory.mktemp("benefit"))


def entries(bound: int) -> st.SearchStrategy[list[int]]:
    edges = st.sampled_from([-bound, -bound + 1, -1, 0, 1, bound])
    small = st.integers(-(bound >> 14), bound >> 14)
    one = st.one_of(edges, small, st.integers(-bound, bound))
    return st.lists(one, min_size=TINY.parameters, max_size=TINY.parameters)


def vector(parameters: list[int]) -> list[int]:
    return pack_model(TINY, parameters, random_elements(TINY.update_blinders))


def inputs(update: list[int], rest: list[int], level: int) -> "Vectors":
    return {"update": vector(update), "rest": vector(rest), "public": [level, CONTEXT]}


def zeros_of(built: BuiltCircuit, vectors: "Vectors", folder: Path) -> list[int]:
    return compute_witness(built.definition, built.files.compiled, vectors, folder).outputs["zeros"]


@given(update=entries(LARGEST_UPDATE), rest=entries(LARGEST_REST), level=st.integers(0, 16))
@example(update=[LARGEST_UPDATE] * 4, rest=[LARGEST_REST] * 4, level=16)
@example(update=[LARGEST_UPDATE] * 4, rest=[-LARGEST_REST] * 4, level=16)
@example(update=[0] * 4, rest=[LARGEST_REST] * 4, level=16)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_reference_equals_the_witness(
    built: BuiltCircuit, tmp_path: Path, update: list[int], rest: list[int], level: int
) -> None:
    vectors = inputs(update, rest, level)
    expected = benefit_zeros(TINY, vectors["update"], vectors["rest"], vectors["public"])
    assert zeros_of(built, vectors, tmp_path) == expected


@given(update=entries(LARGEST_UPDATE), rest=entries(LARGEST_REST))
@settings(max_examples=300, deadline=None)
def test_the_highest_level_holds_and_the_next_one_does_not(
    update: list[int], rest: list[int]
) -> None:
    own, others = vector(update), vector(rest)
    level = highest_level(TINY, own, others)
    assert not any(benefit_zeros(TINY, own, others, [level, CONTEXT]))
    for higher in range(level + 1, 18):
        assert any(benefit_zeros(TINY, own, others, [higher, CONTEXT]))


def cosine(left: list[int], right: list[int]) -> float:
    inner = sum(a * b for a, b in zip(left, right, strict=True))
    return inner / math.sqrt(sum(a * a for a in left) * sum(b * b for b in right))


@given(
    update=entries(LARGEST_UPDATE).filter(lambda v: max(map(abs, v)) >= 1 << 24),
    rest=entries(LARGEST_REST).filter(lambda v: max(map(abs, v)) >= 1 << 40),
)
@settings(max_examples=300, deadline=None)
def test_levels_are_sixteenths_of_the_cosine(update: list[int], rest: list[int]) -> None:
    """From updates of two units of a delta on, a hundredth of a level decides at most."""
    exact = 16 * max(0.0, cosine(update, rest))
    level = highest_level(TINY, vector(update), vector(rest))
    assert math.floor(exact - 0.02) <= level <= exact + 0.02


@pytest.mark.parametrize("parameters", [[0] * 4, [1, -1, 2, 0], [-(1 << 30)] * 4])
def test_an_update_that_is_zero_or_against_the_others_has_level_zero(
    parameters: list[int],
) -> None:
    assert highest_level(TINY, vector(parameters), vector([1 << 50] * 4)) == 0


def test_nobody_else_means_level_zero() -> None:
    assert highest_level(TINY, vector([1 << 30] * 4), vector([0] * 4)) == 0


def test_a_longer_step_in_the_same_direction_gains_nothing() -> None:
    rest = vector([3 << 48, -(1 << 48), 5 << 47, 1 << 46])
    steps = [[length << 20, 0, length << 21, 0] for length in (1, 16, 1024)]
    levels = {highest_level(TINY, vector(step), rest) for step in steps}
    assert len(levels) == 1


def test_blinders_do_not_count() -> None:
    update, rest = [1 << 30] * 4, [1 << 50, 1 << 49, 0, 0]
    assert {highest_level(TINY, vector(update), vector(rest)) for _ in range(5)} == {10}


@pytest.mark.parametrize("name", ["tiny", "heart", "wdbc"])
def test_no_other_number_is_rescaled(name: str) -> None:
    """Every scale is 0, so zeros are compared as they are and not after a rounding."""
    definition = get_instance(name).benefit
    assert {tensor.scale for tensor in definition.inputs + definition.outputs} == {0}
