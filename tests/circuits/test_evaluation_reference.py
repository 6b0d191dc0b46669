"""The integer reference of the evaluation circuit equals a witness bit for bit."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from zkfl.evaluation.groups import count_outcomes
from zkfl.evaluation.training import model_from_chain, probabilities
from zkfl.field import random_elements
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.evaluation import define
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts, CountsError
from zkfl.zk_circuits.evaluation.reference import confusion_counts, evaluation_zeros
from zkfl.zk_circuits.instances import TINY, get_instance, instance_names
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public
from zkfl.zk_circuits.settings_policy import columns_of

if TYPE_CHECKING:
    from conftest import Run, Vectors

LARGEST_FEATURE = TINY.feature_integer
LARGEST_PARAMETER = 60 << TINY.model_scale_bits
CONTEXT = 0x1234_5678_9ABC_DEF0 << 128


@pytest.fixture(scope="module")
def run(
    runner: Callable[[CircuitDefinition, Path], "Run"], tmp_path_factory: pytest.TempPathFactory
) -> "Run":
    return runner(define(TINY), tmp_path_factory.mktemp("evaluation"))


def vectors(
    features: list[list[int]], labels: list[int], parameters: list[int], stated: int
) -> "Vectors":
    rows = np.array(features, dtype=np.int64).reshape(len(labels), TINY.features)
    data = pack_data(TINY, rows, labels, random_elements(TINY.data_blinders))
    model = pack_model(TINY, parameters, random_elements(TINY.update_blinders))
    return {"data": data, "model": model, "public": pack_public(stated, CONTEXT)}


RECORD = st.lists(
    st.one_of(
        st.sampled_from([-LARGEST_FEATURE, -1, 0, 1, LARGEST_FEATURE]),
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


@given(
    records=st.lists(st.tuples(RECORD, st.integers(0, 1)), min_size=1, max_size=TINY.slots),
    parameters=PARAMETERS,
    stated=st.integers(0, 1 << 64),
)
@example(records=[([LARGEST_FEATURE] * 3, 1)] * 8, parameters=[LARGEST_PARAMETER] * 4, stated=8)
@example(records=[([LARGEST_FEATURE] * 3, 1)] * 8, parameters=[-LARGEST_PARAMETER] * 4, stated=8)
@example(records=[([0] * 3, 1)], parameters=[0] * 4, stated=1)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_reference_equals_the_witness(
    run: "Run", records: list[tuple[list[int], int]], parameters: list[int], stated: int
) -> None:
    made = vectors([row for row, _ in records], [y for _, y in records], parameters, stated)
    assert run(made)["zeros"] == evaluation_zeros(TINY, **made)
    honest = confusion_counts(TINY, made["data"], made["model"])
    assert honest.records == len(records)
    assert run(made | {"public": pack_public(honest.packed(), CONTEXT)})["zeros"] == [0]


@pytest.mark.parametrize(
    ("bias", "expected"),
    [
        (0, ConfusionCounts(1, 2, 0, 0)),
        (1, ConfusionCounts(1, 2, 0, 0)),
        (-1, ConfusionCounts(0, 0, 1, 2)),
    ],
)
def test_a_score_of_zero_is_taken_for_positive_and_one_unit_below_is_not(
    bias: int, expected: ConfusionCounts
) -> None:
    made = vectors([[5, 6, 7]] * 3, [1, 0, 0], [0, 0, 0, bias], 0)
    assert confusion_counts(TINY, made["data"], made["model"]) == expected


def test_counts_are_those_of_floating_point() -> None:
    """On records whose scores are no ties, with parameters that doubles hold exactly."""
    generator = np.random.default_rng(7)
    spec = get_instance("wdbc").spec
    features = generator.integers(-1024, 1025, (60, spec.features))
    labels = generator.integers(0, 2, 60)
    weights = generator.integers(-(2**20), 2**20, spec.parameters) << 29
    data = pack_data(spec, features, labels, random_elements(spec.data_blinders))
    model = pack_model(spec, [int(weight) for weight in weights])
    scores = features.astype(float) @ weights[:-1] + weights[-1] * float(spec.one)
    taken = scores >= 0
    counts = confusion_counts(spec, data, model)
    assert counts.true_positives == np.sum(taken & (labels == 1))
    assert counts.false_positives == np.sum(taken & (labels == 0))
    assert counts.false_negatives == np.sum(~taken & (labels == 1))
    assert counts.true_negatives == np.sum(~taken & (labels == 0))


def test_packed_counts_have_sixteen_bits_each() -> None:
    assert ConfusionCounts(1, 2, 3, 4).packed() == 0x0004_0003_0002_0001


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("count", [-1, 1 << 16])
def test_a_count_of_more_bits_is_not_packed(place: int, count: int) -> None:
    counts = [0, 0, 0, 0]
    counts[place] = count
    with pytest.raises(CountsError, match=f"is {count}"):
        ConfusionCounts(*counts).packed()


def test_counts_add_up() -> None:
    assert ConfusionCounts(1, 2, 3, 4).plus(ConfusionCounts(10, 20, 30, 40)) == (11, 22, 33, 44)


LAYERED = get_instance("tiny-mlp").spec


def test_a_hidden_layer_goes_the_same_way(
    runner: Callable[[CircuitDefinition, Path], "Run"], tmp_path: Path
) -> None:
    run, generator = runner(define(LAYERED), tmp_path), np.random.default_rng(3)
    sides = set()
    # smaller changes are rounded away with the division, and a silent layer leaves a tie
    for size in (34, 40, 48, 50):
        features = generator.integers(-LARGEST_FEATURE, LARGEST_FEATURE + 1, (6, 3))
        labels = generator.integers(0, 2, 6)
        data = pack_data(LAYERED, features, labels, random_elements(LAYERED.data_blinders))
        change = [int(v) for v in generator.integers(-(1 << size), 1 << size, LAYERED.parameters)]
        model = pack_model(LAYERED, change, random_elements(LAYERED.update_blinders))
        counts = confusion_counts(LAYERED, data, model)
        made = {"data": data, "model": model, "public": pack_public(counts.packed(), CONTEXT)}
        assert run(made)["zeros"] == [0] == evaluation_zeros(LAYERED, **made)
        lie = made | {"public": pack_public(counts.packed() + 1, CONTEXT)}
        assert run(lie)["zeros"] == evaluation_zeros(LAYERED, **lie) != [0]
        scores = probabilities(
            model_from_chain(change, LAYERED), features / LAYERED.one, LAYERED.model
        )
        assert counts == count_outcomes(labels, scores >= 0.5)
        sides |= set((scores >= 0.5).tolist())
    assert sides == {True, False}


@pytest.mark.parametrize("name", instance_names())
def test_no_number_is_rescaled(name: str) -> None:
    definition = get_instance(name).evaluation
    assert {tensor.scale for tensor in definition.inputs + definition.outputs} == {0}


@pytest.mark.parametrize("name", instance_names())
def test_data_has_the_layout_of_a_training_shard(name: str) -> None:
    """So the same vector has the same point in the admission circuit and in this one."""
    instance = get_instance(name)
    assert instance.evaluation.inputs[0].length == instance.admission.inputs[0].length
    assert instance.evaluation.inputs[1].length == instance.training.inputs[1].length
    assert columns_of(instance.spec.data_length, instance.spec.logrows) == 1
