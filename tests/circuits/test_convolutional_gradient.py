"""The convolutional net's update is the gradient of torch's own convolution."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from zkfl.evaluation.errors import EvaluationError
from zkfl.evaluation.training import (
    TrainingStep,
    first_model,
    local_update,
    model_from_chain,
    probabilities,
)
from zkfl.fixed_point import rescale
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.instances import TINY_CNN, get_instance
from zkfl.zk_circuits.integer_parts import IntegerParameters, coarse_model, whole_parameters
from zkfl.zk_circuits.layout import unpack_data, unpack_model
from zkfl.zk_circuits.model_choice import ConvolutionalChoice, ModelChoiceError
from zkfl.zk_circuits.spec import MODEL_GUARD_BITS, CircuitSpec, SpecError
from zkfl.zk_circuits.training_reference import local_delta

if TYPE_CHECKING:
    from conftest import Case

SIDE, FILTERS, CELLS = 8, 3, 9
CHOICE = ConvolutionalChoice(side=SIDE, filters=FILTERS, seed=3)
CLASS_WEIGHTS = (1.0, 3.0)


def torch_scores(model: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
    """Return logits and the sum of the decayed weights' squares."""
    taps, bias, rest = (
        model[: 9 * FILTERS],
        model[9 * FILTERS : 10 * FILTERS],
        model[10 * FILTERS :],
    )
    kernel = taps.reshape(9, FILTERS).T.reshape(FILTERS, 1, 3, 3)
    maps = functional.conv2d(features.reshape(-1, 1, SIDE, SIDE), kernel, bias)
    pooled = functional.avg_pool2d(functional.relu(maps), 2).flatten(1)
    return pooled @ rest[:-1] + rest[-1], (taps**2).sum() + (rest[:-1] ** 2).sum()


def test_the_update_is_the_autograd_gradient() -> None:
    rng = np.random.default_rng(5)
    features, labels = rng.normal(size=(9, SIDE**2)), np.arange(9) % 2
    step = TrainingStep(0.5, 0.125, 9, CHOICE, class_weights=CLASS_WEIGHTS)
    start = first_model(CHOICE, SIDE**2) + rng.normal(size=10 * FILTERS + FILTERS * CELLS + 1) / 4
    model = torch.tensor(start, requires_grad=True)
    scores, squares = torch_scores(model, torch.from_numpy(features))
    truth = torch.from_numpy(labels).double()
    losses = functional.binary_cross_entropy_with_logits(scores, truth, reduction="none")
    loss = (losses * (1.0 + 2.0 * truth)).sum() + step.l2 * len(labels) / 2 * squares
    (gradient,) = torch.autograd.grad(loss, model)
    expected = -step.learning_rate / step.slots * gradient.numpy()
    np.testing.assert_allclose(local_update(start, features, labels, step), expected, atol=1e-12)
    given_by = probabilities(start, features, CHOICE)
    np.testing.assert_allclose(given_by, torch.sigmoid(scores).detach().numpy(), atol=1e-12)


def test_integers_follow_the_real_model(honest_case: "object") -> None:
    spec: CircuitSpec = get_instance("cnn").spec
    case: Case = honest_case(spec, 3)
    shard = unpack_data(spec, case.data)
    chain = [value // 16 for value in unpack_model(spec, case.model)]
    used = shard.mask > 0
    features, labels = shard.features[used] / spec.one, shard.labels[used] // spec.one
    model = model_from_chain(chain, spec)

    delta = local_delta(spec, shard, coarse_model(chain)) / spec.one
    expected = local_update(model, features, labels, TrainingStep.of(spec))
    np.testing.assert_allclose(delta, expected, atol=8 / spec.one)

    parameters = IntegerParameters(whole_parameters(spec, coarse_model(chain)), MODEL_GUARD_BITS)
    family = family_of(spec.model)
    logits = family.integer_logits(spec, shard, parameters, rescale)[used]
    scores = np.clip(family.scores(model, features), -spec.logit_bound, spec.logit_bound)
    np.testing.assert_allclose(logits / spec.one, scores, atol=12 / spec.one)


def test_the_exported_model_is_the_same() -> None:
    rng = np.random.default_rng(6)
    features = rng.normal(size=(7, SIDE**2)).astype(np.float32)
    model = first_model(CHOICE, SIDE**2) + rng.normal(size=58) / 4
    family, tensors, place = family_of(CHOICE), dict[str, Tensor](), 0
    for name, shape in family.export_tensors(SIDE**2).items():
        length = int(np.prod(shape))
        part = model[place : place + length].astype(np.float32).reshape(shape)
        tensors[name], place = torch.from_numpy(part), place + length
    assert place == len(model)
    exported = family.exported_probability(torch.from_numpy(features), tensors)
    np.testing.assert_allclose(exported, probabilities(model, features, CHOICE), atol=1e-5)


def test_records_that_are_no_such_images_are_refused() -> None:
    model = first_model(CHOICE, SIDE**2)
    with pytest.raises(ModelChoiceError, match="63 features, images of 8x8 have 64"):
        probabilities(model, np.zeros((2, 63)), CHOICE)
    with pytest.raises(EvaluationError, match="a convolutional model has"):
        probabilities(model[:-1], np.zeros((2, 64)), CHOICE)


def test_circuits_of_another_size_are_refused() -> None:
    tiny = TINY_CNN.model_dump()
    with pytest.raises(ModelChoiceError, match="15 features, images of 4x4 have 16"):
        CircuitSpec.model_validate(tiny | {"features": 15})
    with pytest.raises(SpecError, match="convolutional model on 16 features has 23 parameters"):
        CircuitSpec.model_validate(tiny | {"parameters": 22})


def test_an_instance_and_its_json_are_the_same() -> None:
    assert CircuitSpec.model_validate_json(TINY_CNN.model_dump_json()) == TINY_CNN


@pytest.mark.parametrize("side", [3, 5, 66])
def test_a_side_that_pooling_does_not_divide_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match="side"):
        ConvolutionalChoice(side=side, filters=1, seed=1)
