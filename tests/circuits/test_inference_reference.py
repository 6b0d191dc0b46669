"""The integer reference of the inference circuit equals a witness bit for bit."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from zkfl.evaluation.training import model_from_chain, probabilities
from zkfl.field import random_elements
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.inference import define
from zkfl.zk_circuits.inference.layout import fresh_blinders, pack_record
from zkfl.zk_circuits.inference.reference import inference_zeros, inferred_logit
from zkfl.zk_circuits.instances import TINY, get_instance, instance_names
from zkfl.zk_circuits.layout import LayoutError, pack_model, pack_public
from zkfl.zk_circuits.spec import CircuitSpec

if TYPE_CHECKING:
    from conftest import Run, Vectors

LARGEST_FEATURE = TINY.feature_integer
LARGEST_PARAMETER = 60 << TINY.model_scale_bits
CONTEXT = 0x1234_5678_9ABC_DEF0 << 128
PROVABLE = [name for name in instance_names() if get_instance(name).inference is not None]


@pytest.fixture(scope="module")
def run(
    runner: Callable[[CircuitDefinition, Path], "Run"], tmp_path_factory: pytest.TempPathFactory
) -> "Run":
    return runner(define(TINY), tmp_path_factory.mktemp("inference"))


def vectors(spec: CircuitSpec, features: list[int], parameters: list[int], logit: int) -> "Vectors":
    return {
        "record": pack_record(spec, features, fresh_blinders()),
        "model": pack_model(spec, parameters, random_elements(spec.update_blinders)),
        "public": pack_public(logit, CONTEXT),
    }


RECORD = st.lists(
    st.one_of(
        st.sampled_from([-LARGEST_FEATURE - 1, -LARGEST_FEATURE, -1, 0, 1, LARGEST_FEATURE]),
        st.integers(-LARGEST_FEATURE, LARGEST_FEATURE),
    ),
    min_size=TINY.features,
    max_size=TINY.features,
)
PARAMETERS = st.lists(
    st.one_of(
        st.sampled_from([-LARGEST_PARAMETER, -1, 0, 1, LARGEST_PARAMETER]),
        st.integers(-LARGEST_PARAMETER, LARGEST_PARAMETER),
    ),
    min_size=TINY.parameters,
    max_size=TINY.parameters,
)


@given(features=RECORD, parameters=PARAMETERS, aside=st.integers(-3, 3))
@example(features=[LARGEST_FEATURE] * 3, parameters=[LARGEST_PARAMETER] * 4, aside=1)
@example(features=[LARGEST_FEATURE] * 3, parameters=[-LARGEST_PARAMETER] * 4, aside=-1)
@example(features=[0] * 3, parameters=[0, 0, 0, -1], aside=0)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_reference_equals_the_witness(
    run: "Run", features: list[int], parameters: list[int], aside: int
) -> None:
    made = vectors(TINY, features, parameters, 0)
    logit = inferred_logit(TINY, made["record"], made["model"])
    stated = made | {"public": pack_public(logit + aside, CONTEXT)}
    zeros = run(stated)["zeros"]
    assert zeros == inference_zeros(TINY, **stated)
    admissible = max(map(abs, features)) <= LARGEST_FEATURE and (
        sum(value * value for value in features) <= TINY.norm_bound**2 * TINY.one**2
    )
    assert any(zeros) is not (admissible and aside == 0)


@pytest.mark.parametrize(
    ("bias", "expected"), [(0, 0), (1, 0), (-1, -1), (1 << 49, 1 << 10), ((1 << 39) - 1, 0)]
)
def test_the_logit_is_rounded_down(bias: int, expected: int) -> None:
    """So that its sign is the class: a score one unit below zero has the logit -1."""
    made = vectors(TINY, [5, 6, 7], [0, 0, 0, bias], 0)
    assert inferred_logit(TINY, made["record"], made["model"]) == expected


@pytest.mark.parametrize("name", ["tiny", "tiny-mlp", "tiny-cnn"])
def test_every_family_goes_the_same_way(
    name: str, runner: Callable[[CircuitDefinition, Path], "Run"], tmp_path: Path
) -> None:
    spec, generator = get_instance(name).spec, np.random.default_rng(4)
    run, sides = runner(define(spec), tmp_path), set()
    for size in (40, 48, 50, 51):
        bound = spec.one // 3
        features = [int(v) for v in generator.integers(-bound, bound + 1, spec.features)]
        change = [int(v) for v in generator.integers(-(1 << size), 1 << size, spec.parameters)]
        made = vectors(spec, features, change, 0)
        logit = inferred_logit(spec, made["record"], made["model"])
        stated = made | {"public": pack_public(logit, CONTEXT)}
        assert run(stated)["zeros"] == inference_zeros(spec, **stated)
        assert not any(run(stated)["zeros"])
        rows = np.array([features]) / spec.one
        [probability] = probabilities(model_from_chain(change, spec), rows, spec.model)
        assert 1 / (1 + np.exp(-logit / spec.one)) == pytest.approx(probability, abs=1 / spec.one)
        assert (logit >= 0) == (probability >= 0.5)
        sides.add(logit >= 0)
    assert sides == {True, False}


@pytest.mark.parametrize("name", PROVABLE)
def test_no_number_is_rescaled(name: str) -> None:
    definition = get_instance(name).inference
    assert definition is not None
    assert {tensor.scale for tensor in definition.inputs + definition.outputs} == {0}


@pytest.mark.parametrize("name", PROVABLE)
def test_the_model_is_that_of_training(name: str) -> None:
    """So the same vector has the same point in the training circuit and in this one."""
    instance = get_instance(name)
    assert instance.inference is not None
    assert instance.inference.inputs[1].length == instance.training.inputs[1].length


@pytest.mark.parametrize(
    ("features", "blinders"), [([0, 0], 4), ([0, 0, 0, 0], 4), ([0, 0, 0], 3), ([0, 0, 0], 5)]
)
def test_a_record_of_another_instance_is_not_laid_out(features: list[int], blinders: int) -> None:
    with pytest.raises(LayoutError, match="was it made for another instance"):
        pack_record(TINY, features, [1] * blinders)


def test_instances_for_measurements_have_no_circuit_of_inference() -> None:
    assert get_instance("tiny").inference is not None
    assert get_instance("tiny").inference not in get_instance("tiny").circuits
