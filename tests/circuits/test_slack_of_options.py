"""Class weights, local steps, pull and momentum: choices stay within a bound, or there is none."""

from typing import Any

import numpy as np
import pytest

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.convolutional_training import slack as convolutional
from zkfl.zk_circuits.initial_parameters import initial_parameters
from zkfl.zk_circuits.instances import TINY, TINY_CNN, TINY_MLP, WDBC
from zkfl.zk_circuits.integer_parts import Rescale
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.logistic_training import slack as logistic
from zkfl.zk_circuits.mlp_training import slack as mlp
from zkfl.zk_circuits.model_choice import ConvolutionalChoice, MlpChoice
from zkfl.zk_circuits.rescale_slack import SlackError
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_reference import local_delta, whole_parameters

LARGEST = 2.0
COARSE_ONE = 1 << 22
SOME = 150
Options = dict[str, Any]
OPTIONS: list[Options] = [
    {"class_weights": (1.0, 16.0)},
    {"class_weights": (16.0, 1.0), "learning_rate": 2.0, "clip": 32.0},
    {"local_steps": 4},
    {"local_steps": 8, "proximal": 0.9},
    {"local_steps": 4, "momentum": 0.9},
    {"local_steps": 8, "momentum": 0.9, "l2": 0.0},
    {"local_steps": 3, "momentum": 0.9, "proximal": 0.9, "class_weights": (4.0, 0.5), "clip": 32.0},
]
WEIGHTED: list[Options] = [{"class_weights": weights} for weights in ((1.0, 16.0), (16.0, 1.0))]


def with_options(spec: CircuitSpec, options: Options) -> CircuitSpec:
    return CircuitSpec.model_validate(spec.model_dump() | options)


def floor(values: IntArray, bits: int) -> IntArray:
    return np.asarray(values, dtype=np.int64) >> bits


def ceiling(values: IntArray, bits: int) -> IntArray:
    return -floor(-np.asarray(values, dtype=np.int64), bits)


def turn_by_turn(seed: int) -> Rescale:
    """Take one and the same neighbour for a whole rescale, drawn anew for the next one."""
    rng = np.random.default_rng(seed)

    def divide(values: IntArray, bits: int) -> IntArray:
        return ceiling(values, bits) if rng.integers(0, 2) else floor(values, bits)

    return divide


def shard_of(spec: CircuitSpec, rng: np.random.Generator) -> Shard:
    features = rng.uniform(-1, 1, (spec.slots, spec.features))
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    features *= np.minimum(spec.feature_bound, spec.norm_bound / norms)
    labels = rng.integers(0, 2, spec.slots) * spec.one
    scaled = np.trunc(features * spec.one).astype(np.int64)
    return Shard(scaled, labels, np.full(spec.slots, spec.one, dtype=np.int64))


def reached(spec: CircuitSpec) -> int:
    """Return how far choices move an entry, for whole parameters up to `LARGEST`."""
    rng, worst = np.random.default_rng(1), 0
    start = initial_parameters(spec.model, spec.features) << spec.scale_bits
    for seed in range(SOME):
        shard = shard_of(spec, rng)
        whole = rng.uniform(-LARGEST, LARGEST, spec.parameters) * COARSE_ONE
        model = np.trunc(whole).astype(np.int64) - start
        other = model + rng.integers(-1, 2, model.shape)
        honest = local_delta(spec, shard, model)
        for divide in (floor, ceiling, turn_by_turn(seed)):
            moved = local_delta(spec, shard, other, divide) - honest
            worst = max(worst, int(np.max(np.abs(moved))))
    return worst


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_logistic_bound_holds_and_is_needed(options: Options) -> None:
    """What choices reach is above the bound of the same step without the options."""
    spec = with_options(TINY, options)
    plain, bound = (logistic.rescale_slack(it, LARGEST) for it in (TINY, spec))
    assert plain < reached(spec) <= bound


@pytest.mark.parametrize("options", WEIGHTED, ids=str)
def test_class_weights_of_an_mlp(options: Options) -> None:
    spec = with_options(TINY_MLP, options)
    assert isinstance(spec.model, MlpChoice)
    bounds = [mlp.rescale_slack(it, spec.model.hidden, LARGEST, 1) for it in (TINY_MLP, spec)]
    assert bounds[0] < bounds[1]
    assert reached(spec) <= bounds[1]


@pytest.mark.parametrize("options", WEIGHTED, ids=str)
def test_class_weights_of_a_convolution(options: Options) -> None:
    spec = with_options(TINY_CNN, options)
    assert isinstance(spec.model, ConvolutionalChoice)
    model = np.full(spec.parameters, int(LARGEST * COARSE_ONE))
    model -= initial_parameters(spec.model, spec.features) << spec.scale_bits
    whole = whole_parameters(spec, model) / COARSE_ONE
    bounds = [
        convolutional.rescale_slack(it, spec.model, whole, kinks=1) for it in (TINY_CNN, spec)
    ]
    assert bounds[0] < bounds[1]
    assert reached(spec) <= bounds[1]


def test_the_documented_slack_of_options() -> None:
    options: list[Options] = [{}, {"class_weights": (1.0, 4.0)}, {"local_steps": 2}]
    bounds = [logistic.rescale_slack(with_options(WDBC, each), 8.0) for each in options]
    assert bounds == [9, 41, 475]


def test_several_local_steps_of_an_mlp_have_no_bound() -> None:
    spec = with_options(TINY_MLP, {"local_steps": 2})
    with pytest.raises(SlackError, match=r"mlp model is derived for local_steps = 2.*clip 5\.0"):
        mlp.rescale_slack(spec, 2, LARGEST)


def test_several_local_steps_of_a_convolution_have_no_bound() -> None:
    spec = with_options(TINY_CNN, {"local_steps": 3, "logrows": 15})
    assert isinstance(spec.model, ConvolutionalChoice)
    with pytest.raises(SlackError, match=r"convolutional model is derived for local_steps = 3"):
        convolutional.rescale_slack(spec, spec.model, np.zeros(spec.parameters), kinks=0)
