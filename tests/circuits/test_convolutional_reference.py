"""The convolutional net's integers equal an honest witness bit for bit, under every option."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from zkfl.field import random_elements, to_field
from zkfl.zk_circuits.instances import TINY_CNN, get_instance
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public, pack_secrets
from zkfl.zk_circuits.model_choice import ConvolutionalChoice
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_circuit import define
from zkfl.zk_circuits.training_reference import training_update

if TYPE_CHECKING:
    from conftest import Case, Run, Vectors

LARGEST_PARAMETER = 2**53


@pytest.fixture(scope="module")
def run_tiny(
    runner: Callable[..., "Run"], tmp_path_factory: pytest.TempPathFactory
) -> Callable[["Vectors"], dict[str, list[int]]]:
    return runner(get_instance("tiny-cnn").training, tmp_path_factory.mktemp("tiny-cnn"))


def extreme_vectors(spec: CircuitSpec, seed: int) -> "Vectors":
    """Pixels and parameters at their bounds, at zero and one unit beside them."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, spec.slots + 1))
    edges = np.array([-1, 1, 0, 1 - spec.feature_integer, spec.feature_integer])
    pixels = rng.choice(edges, (count, spec.features))
    near = rng.choice([-(2**27), -1, 0, 1, 2**26], spec.parameters)
    far = rng.integers(-LARGEST_PARAMETER, LARGEST_PARAMETER, spec.parameters)
    parameters = [int(v) for v in np.where(rng.random(spec.parameters) < 0.5, near, far)]
    return {
        "data": pack_data(
            spec, pixels, rng.integers(0, 2, count), random_elements(spec.data_blinders)
        ),
        "model": pack_model(spec, parameters, random_elements(spec.update_blinders)),
        "secrets": pack_secrets(
            spec,
            [0] * spec.parameters,
            random_elements(spec.update_blinders),
            random_elements(spec.own_blinders),
        ),
        "public": pack_public(0, 1),
    }


@pytest.mark.parametrize("seed", range(12))
def test_reference_equals_the_witness_at_extremes(seed: int, run_tiny: "Run") -> None:
    vectors = extreme_vectors(TINY_CNN, seed)
    update, zeros = training_update(TINY_CNN, **vectors)
    assert run_tiny(vectors) == {"update": update, "zeros": zeros}


@pytest.mark.parametrize(
    "changes",
    [
        {"l2": 0.0},
        {"learning_rate": 0.3},
        {"class_weights": (1.0, 3.0)},
        {"local_steps": 2, "proximal": 0.5, "logrows": 15},
        {"local_steps": 3, "momentum": 0.875, "logrows": 15},
        {
            "features": 36,
            "parameters": 43,
            "model": ConvolutionalChoice(side=6, filters=3, seed=4),
            "logrows": 16,
        },
        {"parameters": 12, "model": ConvolutionalChoice(side=4, filters=1, seed=4)},
    ],
    ids=str,
)
def test_reference_equals_the_witness_under_options(
    changes: dict[str, Any],
    runner: Callable[..., "Run"],
    honest_case: Callable[[CircuitSpec], "Case"],
    tmp_path: Path,
) -> None:
    spec = CircuitSpec.model_validate(TINY_CNN.model_dump() | changes)
    run = runner(define(spec, committed=False), tmp_path)
    for seed in range(2):
        vectors = honest_case(spec, seed).training()
        update, zeros = training_update(spec, **vectors)
        assert run(vectors) == {"update": update, "zeros": zeros}


def test_reference_equals_the_witness_on_a_full_size_shard(
    runner: Callable[..., "Run"], honest_case: Callable[[CircuitSpec], "Case"], tmp_path: Path
) -> None:
    instance = get_instance("cnn")
    case = honest_case(instance.spec)
    update, zeros = training_update(instance.spec, **case.training())
    assert runner(instance.training, tmp_path)(case.training()) == {
        "update": update,
        "zeros": zeros,
    }
    assert not any(zeros)


def test_an_empty_shard_changes_nothing_but_by_noise(run_tiny: "Run") -> None:
    spec = TINY_CNN
    noise = list(range(spec.parameters))
    empty = np.zeros((0, spec.features), dtype=np.int64)
    vectors = extreme_vectors(spec, 1) | {
        "data": pack_data(spec, empty, [], random_elements(spec.data_blinders)),
        "secrets": pack_secrets(spec, noise, [7] * spec.update_blinders, [8] * spec.own_blinders),
        "public": pack_public(spec.parameters, 1),
    }
    outputs = run_tiny(vectors)
    assert outputs["update"] == [to_field(value) for value in noise] + [7] * spec.update_blinders
    assert not any(outputs["zeros"])
