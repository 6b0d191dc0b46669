"""Confusion counts of the convolutional net: reference, witness, proof and range of digits."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zkfl.commitments import Committer
from zkfl.evaluation.groups import count_outcomes
from zkfl.evaluation.training import model_from_chain, probabilities
from zkfl.field import random_elements
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.evaluation import define
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.evaluation.reference import confusion_counts, evaluation_zeros
from zkfl.zk_circuits.ezkl_calls import EzklError
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.instances import TINY_CNN, TINY_MLP, get_instance, instance_names
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public, unpack_data
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import StatementError, prove
from zkfl.zk_circuits.spec import LARGEST_PARAMETER, CircuitSpec, SpecError

if TYPE_CHECKING:
    from conftest import MakeSrs, Run, Vectors

DEADLINE = 240.0
CONTEXT = 7
COUNT = 6


@pytest.fixture(scope="module")
def run(
    runner: Callable[[CircuitDefinition, Path], "Run"], tmp_path_factory: pytest.TempPathFactory
) -> "Run":
    return runner(get_instance("tiny-cnn").evaluation, tmp_path_factory.mktemp("evaluation"))


@pytest.fixture(scope="module")
def srs(make_srs: "MakeSrs") -> Path:
    return make_srs(TINY_CNN.logrows)


@pytest.fixture(scope="module")
def built(srs: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltCircuit:
    cache = tmp_path_factory.mktemp("evaluation-of-images")
    return build_circuit(get_instance("tiny-cnn").evaluation, srs, cache)


def images(spec: CircuitSpec, generator: np.random.Generator) -> np.ndarray:
    limit = int(spec.norm_bound * spec.one / np.sqrt(spec.features))
    return generator.integers(-limit, limit + 1, (COUNT, spec.features))


def vectors(
    spec: CircuitSpec, features: np.ndarray, labels: np.ndarray, change: list[int]
) -> "Vectors":
    """An honest prover's vectors."""
    data = pack_data(spec, features, labels, random_elements(spec.data_blinders))
    model = pack_model(spec, change, random_elements(spec.update_blinders))
    counts = confusion_counts(spec, data, model)
    return {"data": data, "model": model, "public": pack_public(counts.packed(), CONTEXT)}


def some_vectors(seed: int, size: int = 50) -> "Vectors":
    generator = np.random.default_rng(seed)
    change = generator.integers(-(1 << size), 1 << size, TINY_CNN.parameters).tolist()
    return vectors(TINY_CNN, images(TINY_CNN, generator), generator.integers(0, 2, COUNT), change)


def lie_of(honest: "Vectors") -> "Vectors":
    """One more true positive."""
    counts = confusion_counts(TINY_CNN, honest["data"], honest["model"])
    more = counts.plus(ConfusionCounts(1, 0, 0, 0))
    return honest | {"public": pack_public(more.packed(), CONTEXT)}


def test_reference_equals_the_witness_and_floating_point(run: "Run") -> None:
    generator, sides = np.random.default_rng(3), set()
    for size in (34, 44, 48, 50, 52):
        features, labels = images(TINY_CNN, generator), generator.integers(0, 2, COUNT)
        change = generator.integers(-(1 << size), 1 << size, TINY_CNN.parameters).tolist()
        made = vectors(TINY_CNN, features, labels, change)
        assert run(made)["zeros"] == [0] == evaluation_zeros(TINY_CNN, **made)
        lie = lie_of(made)
        assert run(lie)["zeros"] == evaluation_zeros(TINY_CNN, **lie) != [0]
        model = model_from_chain(change, TINY_CNN)
        taken = probabilities(model, features / TINY_CNN.one, TINY_CNN.model) >= 0.5
        assert confusion_counts(TINY_CNN, made["data"], made["model"]) == count_outcomes(
            labels, taken
        )
        sides |= set(taken.tolist())
    assert sides == {True, False}


def test_a_proof_verifies_and_opens_as_what_the_contract_compares(
    built: BuiltCircuit, srs: Path
) -> None:
    honest, committer = some_vectors(5), Committer(srs)
    proof = prove(built, honest, DEADLINE)
    for name, vector in honest.items():
        assert proof.points[name] == tuple(committer.commit(vector)), name
    assert proof.points["zeros"] == tuple(committer.zero)
    assert valid_proofs(built, [proof.data]) == [True]


def test_one_more_true_positive(built: BuiltCircuit) -> None:
    with pytest.raises(StatementError, match=r"entries \[0\] of the zeros are not zero"):
        prove(built, lie_of(some_vectors(5)), DEADLINE)


@pytest.mark.parametrize("name", instance_names())
def test_digits_hold_every_score_of_training(name: str) -> None:
    instance = get_instance(name)
    arguments = instance.evaluation.run_arguments
    largest = family_of(instance.spec.model).largest_score(instance.spec)
    assert 2 * largest + 1 < arguments.base**arguments.legs
    assert max(map(abs, extreme_scores(instance.spec))) <= largest


def extreme_scores(spec: CircuitSpec) -> list[int]:
    """Scores of the largest images and parameters, all of one sign."""
    pixel = int(spec.norm_bound * spec.one / np.sqrt(spec.features))
    features = np.full((1, spec.features), pixel)
    data = pack_data(spec, features, [1], random_elements(spec.data_blinders))
    change = [LARGEST_PARAMETER << spec.model_scale_bits] * spec.parameters
    return family_of(spec.model).integer_scores(spec, unpack_data(spec, data), change)


def test_the_largest_scores_have_a_witness(run: "Run") -> None:
    pixel = int(TINY_CNN.norm_bound * TINY_CNN.one / np.sqrt(TINY_CNN.features))
    features = np.full((COUNT, TINY_CNN.features), pixel)
    for sign in (1, -1):
        largest = LARGEST_PARAMETER << TINY_CNN.model_scale_bits
        change = [largest] * (TINY_CNN.parameters - 5) + [sign * largest] * 5
        made = vectors(TINY_CNN, features, np.ones(COUNT, dtype=np.int64), change)
        assert run(made)["zeros"] == [0]


FINE = TINY_MLP.model_copy(update={"scale_bits": 13})


def test_a_finer_scale_takes_one_digit_more(
    runner: Callable[[CircuitDefinition, Path], "Run"], tmp_path: Path
) -> None:
    """With seven digits the largest score has no witness, with the eight chosen it has."""
    definition = define(FINE, committed=False)
    assert definition.run_arguments.legs == 8
    pixel = int(FINE.norm_bound * FINE.one / np.sqrt(FINE.features))
    features = np.full((COUNT, FINE.features), pixel)
    change = [LARGEST_PARAMETER << FINE.model_scale_bits] * FINE.parameters
    made = vectors(FINE, features, np.ones(COUNT, dtype=np.int64), change)
    assert runner(definition, tmp_path)(made)["zeros"] == [0]
    fewer = replace(definition, run_arguments=replace(definition.run_arguments, legs=7))
    with pytest.raises(EzklError, match="out of range"):
        runner(fewer, tmp_path)(made)


def test_scores_beyond_all_digits_are_refused() -> None:
    with pytest.raises(SpecError, match="which 11 digits of 2048 cannot hold"):
        define(TINY_CNN.model_copy(update={"norm_bound": 2.0**60}), committed=False)
