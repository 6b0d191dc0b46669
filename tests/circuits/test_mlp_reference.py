"""The MLP's integers follow its floats, whose update is the true gradient."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from zkfl.evaluation.training import (
    TrainingStep,
    first_model,
    local_update,
    model_from_chain,
    probabilities,
)
from zkfl.fixed_point import rescale
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.integer_parts import IntegerParameters, coarse_model, whole_parameters
from zkfl.zk_circuits.layout import unpack_data, unpack_model
from zkfl.zk_circuits.model_choice import MlpChoice
from zkfl.zk_circuits.spec import MODEL_GUARD_BITS
from zkfl.zk_circuits.training_reference import local_delta

if TYPE_CHECKING:
    from conftest import Case

CHOICE = MlpChoice(hidden=4, seed=3)


def test_integers_follow_the_real_model(honest_case: "object") -> None:
    spec = get_instance("wdbc-mlp").spec
    case: Case = honest_case(spec, 3)
    shard = unpack_data(spec, case.data)
    chain = [value // 16 for value in unpack_model(spec, case.model)]
    used = shard.mask > 0
    features, labels = shard.features[used] / spec.one, shard.labels[used] // spec.one
    model = model_from_chain(chain, spec)

    delta = local_delta(spec, shard, coarse_model(chain)) / spec.one
    expected = local_update(model, features, labels, TrainingStep.of(spec))
    np.testing.assert_allclose(delta, expected, atol=8 / spec.one)

    whole = whole_parameters(spec, coarse_model(chain))
    parameters = IntegerParameters(whole, MODEL_GUARD_BITS)
    logits = family_of(spec.model).integer_logits(spec, shard, parameters, rescale)[used]
    scores = np.clip(
        family_of(spec.model).scores(model, features), -spec.logit_bound, spec.logit_bound
    )
    np.testing.assert_allclose(logits / spec.one, scores, atol=12 / spec.one)


def test_the_update_is_the_autograd_gradient() -> None:
    rng = np.random.default_rng(5)
    features, labels = rng.normal(size=(9, 3)), np.arange(9) % 2
    step = TrainingStep(0.5, 0.125, 9, CHOICE, class_weights=(1.0, 3.0))
    start = first_model(CHOICE, 3) + rng.normal(size=CHOICE.parameter_count(3)) / 4
    model = torch.tensor(start, requires_grad=True)
    first, output = model[:16].reshape(4, 4), model[16:]
    hidden = torch.relu(torch.from_numpy(features) @ first[:3] + first[3])
    scores = hidden @ output[:4] + output[4]
    truth = torch.from_numpy(labels).double()
    losses = torch.nn.functional.binary_cross_entropy_with_logits(scores, truth, reduction="none")
    loss = (losses * (1.0 + 2.0 * truth)).sum()
    loss = loss + step.l2 * len(labels) / 2 * ((first[:3] ** 2).sum() + (output[:4] ** 2).sum())
    (gradient,) = torch.autograd.grad(loss, model)
    expected = -step.learning_rate / step.slots * gradient.numpy()
    np.testing.assert_allclose(local_update(start, features, labels, step), expected, atol=1e-12)
    given_by = probabilities(start, features, CHOICE)
    np.testing.assert_allclose(given_by, torch.sigmoid(scores).detach().numpy(), atol=1e-12)
