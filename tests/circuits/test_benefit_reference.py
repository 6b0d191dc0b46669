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
NOISE_BOUND, LARGEST_NOISE = 1 << 23, 1 << 26
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


def inputs(update: list[int], rest: list[int], bound: int, level: int) -> "Vectors":
    vectors = {"update": vector(update), "rest": vector(rest), "bound": [bound]}
    return vectors | {"public": [level, CONTEXT]}


def level_of(update: list[int], rest: list[int], bound: int = NOISE_BOUND) -> int:
    return highest_level(TINY, vector(update), vector(rest), bound)


@given(
    update=entries(LARGEST_UPDATE),
    rest=entries(LARGEST_REST),
    bound=st.integers(1 << 23, LARGEST_NOISE),
    level=st.integers(0, 16),
)
@example(update=[LARGEST_UPDATE] * 4, rest=[LARGEST_REST] * 4, bound=LARGEST_NOISE, level=16)
@example(update=[LARGEST_UPDATE] * 4, rest=[-LARGEST_REST] * 4, bound=LARGEST_NOISE, level=16)
@example(update=[0] * 4, rest=[LARGEST_REST] * 4, bound=1 << 23, level=16)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_reference_equals_the_witness(  # noqa: PLR0913, PLR0917 - what the circuit takes
    built: BuiltCircuit, tmp_path: Path, update: list[int], rest: list[int], bound: int, level: int
) -> None:
    vectors = inputs(update, rest, bound, level)
    witness = compute_witness(built.definition, built.files.compiled, vectors, tmp_path)
    assert witness.outputs["zeros"] == benefit_zeros(TINY, **vectors)


@given(update=entries(LARGEST_UPDATE), rest=entries(LARGEST_REST))
@settings(max_examples=300, deadline=None)
def test_the_highest_level_holds_and_the_next_one_does_not(
    update: list[int], rest: list[int]
) -> None:
    vectors = inputs(update, rest, NOISE_BOUND, 0)
    level = highest_level(TINY, vectors["update"], vectors["rest"], NOISE_BOUND)
    assert not any(benefit_zeros(TINY, **vectors | {"public": [level, CONTEXT]}))
    for higher in range(level + 1, 18):
        assert any(benefit_zeros(TINY, **vectors | {"public": [higher, CONTEXT]}))


def cosine(left: list[int], right: list[int]) -> float:
    inner = sum(a * b for a, b in zip(left, right, strict=True))
    norms = math.sqrt(sum(a * a for a in left) * sum(b * b for b in right))
    return inner / norms if norms else 0.0


def noised(step: list[int], noise: list[int]) -> list[int]:
    return [(delta << 23) + n for delta, n in zip(step, noise, strict=True)]


STEPS = st.lists(st.integers(-2000, 2000), min_size=TINY.parameters, max_size=TINY.parameters)


@given(
    step=STEPS,
    rest=entries(LARGEST_REST).filter(lambda v: max(map(abs, v)) >= 1 << 45),
    noise=entries(NOISE_BOUND),
)
@settings(max_examples=1000, deadline=None)
def test_no_choice_of_noise_reaches_more_than_the_cosine_of_the_step(
    step: list[int], rest: list[int], noise: list[int]
) -> None:
    exact = 16 * max(0.0, cosine(step, rest))
    assert level_of(noised(step, noise), rest) <= exact + 0.01
    towards = [NOISE_BOUND if value > 0 else -NOISE_BOUND for value in rest]
    assert level_of(noised(step, towards), rest) <= exact + 0.01
    shorter = [-NOISE_BOUND if delta > 0 else NOISE_BOUND for delta in step]
    assert level_of(noised(step, shorter), rest) <= exact + 0.01


@given(
    step=STEPS.filter(lambda v: max(map(abs, v)) >= 1000),
    rest=entries(LARGEST_REST).filter(lambda v: max(map(abs, v)) >= 1 << 45),
    noise=entries(NOISE_BOUND),
)
@settings(max_examples=300, deadline=None)
def test_a_step_far_above_the_noise_gets_its_cosine(
    step: list[int], rest: list[int], noise: list[int]
) -> None:
    """A step of 1000 units, noise of one: no more than a sixteenth of a level is lost."""
    exact = 16 * max(0.0, cosine(step, rest))
    assert level_of(noised(step, noise), rest) >= math.floor(exact - 16 * 0.008)


@pytest.mark.parametrize("parameters", [[0] * 4, [1, -1, 2, 0], [-(1 << 30)] * 4])
def test_an_update_that_is_zero_or_against_the_others_has_level_zero(
    parameters: list[int],
) -> None:
    assert level_of(parameters, [1 << 50] * 4) == 0


def test_nobody_else_means_level_zero() -> None:
    assert level_of([1 << 30] * 4, [0] * 4) == 0


def test_a_louder_bound_never_raises_a_level() -> None:
    update, rest = [1 << 31, 1 << 30, -(1 << 29), 0], [1 << 50, 1 << 50, 0, 1 << 48]
    levels = [level_of(update, rest, 1 << bits) for bits in range(23, 30)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > levels[-1]


def test_a_far_longer_step_in_the_same_direction_gains_nothing() -> None:
    rest = [3 << 48, -(1 << 48), 5 << 47, 1 << 46]
    steps = [[length << 32, 0, length << 33, 0] for length in (1, 2, 3)]
    assert len({level_of(step, rest) for step in steps}) == 1


def test_blinders_do_not_count() -> None:
    update, rest = [1 << 33] * 4, [1 << 50, 1 << 49, 0, 0]
    assert {level_of(update, rest) for _ in range(5)} == {10}


@pytest.mark.parametrize("name", ["tiny", "heart", "wdbc", "busi"])
def test_no_other_number_is_rescaled(name: str) -> None:
    """Every scale is 0, so zeros are compared as they are and not after a rounding."""
    definition = get_instance(name).benefit
    assert {tensor.scale for tensor in definition.inputs + definition.outputs} == {0}
