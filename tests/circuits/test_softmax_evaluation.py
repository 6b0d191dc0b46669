"""Counts of the class of interest against the rest: reference, witness and plain integers."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zkfl.evaluation.groups import count_outcomes
from zkfl.evaluation.model_metrics import called_positive
from zkfl.evaluation.training import model_from_chain, positives
from zkfl.field import random_elements
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.evaluation.reference import confusion_counts, evaluation_zeros
from zkfl.zk_circuits.instances import TINY_SOFTMAX, get_instance
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public
from zkfl.zk_circuits.spec import LARGEST_PARAMETER

if TYPE_CHECKING:
    from conftest import Run, Vectors

SPEC = TINY_SOFTMAX
COUNT = 7
LARGEST = LARGEST_PARAMETER << SPEC.model_scale_bits


@pytest.fixture(scope="module")
def run(
    runner: Callable[[CircuitDefinition, Path], "Run"], tmp_path_factory: pytest.TempPathFactory
) -> "Run":
    return runner(get_instance(SPEC.name).evaluation, tmp_path_factory.mktemp("evaluation"))


def vectors(features: np.ndarray, labels: np.ndarray, model: list[int]) -> "Vectors":
    """An honest prover's vectors."""
    data = pack_data(SPEC, features, labels, random_elements(SPEC.data_blinders))
    packed = pack_model(SPEC, model, random_elements(SPEC.update_blinders))
    counts = confusion_counts(SPEC, data, packed)
    return {"data": data, "model": packed, "public": pack_public(counts.packed(), 7)}


def drawn(seed: int, bits: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    rng = np.random.default_rng(seed)
    features = rng.integers(-SPEC.one // 2, SPEC.one // 2, (COUNT, SPEC.features))
    model = rng.integers(-(1 << bits), 1 << bits, SPEC.parameters).tolist()
    return features, rng.integers(0, 3, COUNT), model


def test_counts_equal_the_witness_and_floating_point(run: "Run") -> None:
    sides = set()
    for seed, bits in enumerate((30, 45, 49, 52)):
        features, labels, model = drawn(seed, bits)
        made = vectors(features, labels, model)
        assert run(made)["zeros"] == [0] == evaluation_zeros(SPEC, **made)
        real = model_from_chain(model, SPEC)
        taken = called_positive(real, features / SPEC.one, SPEC.model)
        counts = confusion_counts(SPEC, made["data"], made["model"])
        assert counts == count_outcomes(positives(labels, SPEC.model), taken)
        sides |= set(taken.tolist())
    assert sides == {True, False}


@pytest.mark.parametrize("place", range(4))
def test_one_more_of_any_count_has_another_zero(run: "Run", place: int) -> None:
    made = vectors(*drawn(9, 49))
    counts = confusion_counts(SPEC, made["data"], made["model"])
    more = counts.plus(ConfusionCounts(*(int(place == other) for other in range(4))))
    lie = made | {"public": pack_public(more.packed(), 7)}
    assert run(lie)["zeros"] == evaluation_zeros(SPEC, **lie) != [0]


def test_counts_of_another_class_have_another_zero(run: "Run") -> None:
    features, _, model = drawn(11, 49)
    labels = np.array([0, 0, 0, 1, 2, 2, 2])
    made = vectors(features, labels, model)
    moved = vectors(features, (labels + 1) % 3, model)
    assert made["public"] != moved["public"]
    assert run(made | {"public": moved["public"]})["zeros"] != [0]


def test_a_tie_goes_to_the_class_of_interest(run: "Run") -> None:
    features, labels, _ = drawn(3, 49)
    made = vectors(features, labels, [0] * SPEC.parameters)
    counts = confusion_counts(SPEC, made["data"], made["model"])
    assert (counts.false_negatives, counts.true_negatives) == (0, 0)
    assert run(made)["zeros"] == [0]


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_scores_have_a_witness(run: "Run", sign: int) -> None:
    features = np.full((COUNT, SPEC.features), SPEC.one // 2)
    model = [-sign * LARGEST, -sign * LARGEST, sign * LARGEST] * (SPEC.features + 1)
    made = vectors(features, np.arange(COUNT) % 3, model)
    counts = confusion_counts(SPEC, made["data"], made["model"])
    assert counts.true_positives + counts.false_positives == (COUNT if sign > 0 else 0)
    assert run(made)["zeros"] == [0]
