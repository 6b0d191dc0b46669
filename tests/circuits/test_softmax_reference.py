"""Softmax regression: witness, integers and floats agree; floats are the true gradient."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from zkfl.evaluation.training import (
    TrainingStep,
    class_probabilities,
    local_update,
    model_from_chain,
    probabilities,
)
from zkfl.field import random_elements, to_field
from zkfl.zk_circuits.admission.reference import admission_zeros
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.instances import TINY_SOFTMAX, get_instance
from zkfl.zk_circuits.integer_parts import coarse_model
from zkfl.zk_circuits.layout import (
    LayoutError,
    class_numbers,
    pack_data,
    unpack_data,
    unpack_model,
)
from zkfl.zk_circuits.model_choice import SoftmaxChoice
from zkfl.zk_circuits.softmax_training.class_probabilities import integer_probabilities
from zkfl.zk_circuits.softmax_training.slack import probability_error
from zkfl.zk_circuits.spec import CircuitSpec, SpecError
from zkfl.zk_circuits.training_circuit import define
from zkfl.zk_circuits.training_reference import local_delta, training_update

if TYPE_CHECKING:
    from conftest import Case, Run

HonestCase = Callable[[CircuitSpec, int], "Case"]
SPEC = TINY_SOFTMAX
OPTIONS = {"local_steps": 2, "proximal": 0.25, "momentum": 0.5}
TIE = 0
FAR_APART = 53


@pytest.fixture(scope="module")
def run(
    runner: Callable[[CircuitDefinition, Path], "Run"], tmp_path_factory: pytest.TempPathFactory
) -> "Run":
    return runner(get_instance("tiny-softmax").training, tmp_path_factory.mktemp("softmax"))


def model_of_size(spec: CircuitSpec, bits: int) -> list[int]:
    """Return parameters up to ``2^bits`` with blinders; with 0 bits all logits are equal."""
    bound = 1 << bits if bits else 1
    drawn = np.random.default_rng(bits).integers(1 - bound, bound, spec.parameters)
    return [to_field(int(v)) for v in drawn] + random_elements(spec.update_blinders)


@pytest.mark.parametrize("bits", [TIE, 40, 49, 51, FAR_APART])
def test_integers_equal_the_witness(run: "Run", honest_case: HonestCase, bits: int) -> None:
    case = honest_case(TINY_SOFTMAX, bits)
    vectors = case.training(model=model_of_size(TINY_SOFTMAX, bits))
    update, zeros = training_update(TINY_SOFTMAX, **vectors)
    assert run(vectors) == {"update": update, "zeros": zeros}


def test_more_classes_and_local_steps_equal_the_witness(
    runner: Callable[[CircuitDefinition, Path], "Run"], honest_case: HonestCase, tmp_path: Path
) -> None:
    changes = {"parameters": 20, "logrows": 14, "model": SoftmaxChoice(classes=5, of_interest=0)}
    spec = CircuitSpec.model_validate(TINY_SOFTMAX.model_dump() | changes | OPTIONS)
    vectors = honest_case(spec, 4).training()
    update, zeros = training_update(spec, **vectors)
    found = runner(define(spec, committed=False), tmp_path)(vectors)
    assert found == {"update": update, "zeros": zeros}


@pytest.mark.parametrize("bits", [TIE, 45, 49])
def test_integers_follow_the_real_model(honest_case: HonestCase, bits: int) -> None:
    spec = TINY_SOFTMAX.model_copy(update={"logit_bound": 7.75})
    case = honest_case(spec, bits)
    shard, chain = unpack_data(spec, case.data), unpack_model(spec, model_of_size(spec, bits))
    used = shard.mask > 0
    features, labels = shard.features[used] / spec.one, class_numbers(spec, shard.labels)[used]
    delta = local_delta(spec, shard, coarse_model(chain)) / spec.one
    model = model_from_chain(chain, spec)
    expected = local_update(model, features, labels, TrainingStep.of(spec))
    np.testing.assert_allclose(delta, expected, atol=3 / spec.one)
    assert np.any(expected)


def test_probabilities_in_integers_are_near_the_real_ones() -> None:
    logits = np.random.default_rng(2).integers(-6000, 6000, (400, 5))
    changes = {"logit_bound": 16.0, "model": SoftmaxChoice(classes=5, of_interest=0)}
    spec = TINY_SOFTMAX.model_copy(update=changes)
    found = integer_probabilities(spec, logits)
    real = torch.softmax(torch.from_numpy(logits / 1024), dim=1).numpy()
    apart = np.abs(found.probabilities / 1024 - real).max() * 1024
    assert 1 < apart <= probability_error(spec) < 4


def test_the_update_is_the_autograd_gradient() -> None:
    rng, choice = np.random.default_rng(5), SoftmaxChoice(classes=4, of_interest=2)
    features, labels = rng.normal(size=(9, 3)), np.arange(9) % 4
    step = TrainingStep(0.5, 0.125, 9, choice)
    start = rng.normal(size=choice.parameter_count(3))
    model = torch.tensor(start, requires_grad=True)
    rows = model.reshape(4, 4)
    scores = torch.from_numpy(features) @ rows[:3] + rows[3]
    loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(labels), reduction="sum")
    loss = loss + step.l2 * len(labels) / 2 * (rows[:3] ** 2).sum()
    (gradient,) = torch.autograd.grad(loss, model)
    expected = -step.learning_rate / step.slots * gradient.numpy()
    np.testing.assert_allclose(local_update(start, features, labels, step), expected, atol=1e-12)
    shares = torch.softmax(scores, dim=1).detach().numpy()
    np.testing.assert_allclose(class_probabilities(start, features, choice), shares, atol=1e-12)
    np.testing.assert_allclose(probabilities(start, features, choice), shares[:, 2], atol=1e-12)


def test_training_lowers_the_loss_of_separable_classes() -> None:
    spec = TINY_SOFTMAX.model_copy(update={"l2": 0.0, "learning_rate": 4.0})
    features = np.eye(3, dtype=np.int64)[[0, 1, 2, 0, 1, 2]] * spec.one
    labels = np.array([2, 0, 1, 2, 0, 1])
    data = pack_data(spec, features, labels, random_elements(spec.data_blinders))
    shard, model = unpack_data(spec, data), np.zeros(spec.parameters, dtype=np.int64)
    for _ in range(20):
        model = model + (local_delta(spec, shard, model) << 12)
    trained = functools.partial(class_probabilities, choice=spec.model)
    found = trained(model / (spec.one << 12), features / spec.one)
    assert found.argmax(axis=1).tolist() == labels.tolist()


def test_labels_are_laid_out_one_hot() -> None:
    features = np.zeros((2, 3), dtype=np.int64)
    shard = unpack_data(SPEC, pack_data(SPEC, features, [2, 0], [1] * SPEC.data_blinders))
    assert shard.labels.tolist() == [[0, 0, SPEC.one], [SPEC.one, 0, 0], *[[0, 0, 0]] * 6]
    assert class_numbers(SPEC, shard.labels)[:2].tolist() == [2, 0]


@pytest.mark.parametrize("label", [3, -1])
def test_a_label_beyond_the_classes_is_refused(label: int) -> None:
    features = np.zeros((2, 3), dtype=np.int64)
    with pytest.raises(LayoutError, match="not all classes of a model that has 3"):
        pack_data(SPEC, features, [0, label], [1] * SPEC.data_blinders)


def test_zeros_of_admission_equal_the_witness(
    runner: Callable[[CircuitDefinition, Path], "Run"], honest_case: HonestCase, tmp_path: Path
) -> None:
    run = runner(get_instance("tiny-softmax").admission, tmp_path)
    case, start = honest_case(SPEC, 0), SPEC.slots * (SPEC.features + 1)
    for labels in ([0, 0, 0], [SPEC.one] * 3, [-SPEC.one, 2 * SPEC.one, 5]):
        data = list(case.data)
        data[start : start + 3] = [to_field(value) for value in labels]
        vectors = case.admission(data=data)
        found = admission_zeros(SPEC, **vectors)
        assert run(vectors)["zeros"] == found
        assert any(found)


def test_two_classes_are_a_logistic_regression() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 3"):
        SoftmaxChoice(classes=2, of_interest=1)


def test_the_class_of_interest_is_a_class() -> None:
    with pytest.raises(ValueError, match="class 3 is of interest, and there are 3 classes"):
        SoftmaxChoice(classes=3, of_interest=3)


def test_a_sum_of_exponentials_fits_the_table() -> None:
    changes = {"logrows": 12}
    with pytest.raises(SpecError, match="leaves the lookup table"):
        CircuitSpec.model_validate(TINY_SOFTMAX.model_dump() | changes)


def test_weights_of_two_classes_are_refused() -> None:
    changes = {"class_weights": (1.0, 2.0)}
    with pytest.raises(SpecError, match="are of two classes, a softmax model has 3"):
        CircuitSpec.model_validate(TINY_SOFTMAX.model_dump() | changes)
