"""Initial parameters follow from the seed alone, by a derivation that anybody can repeat."""

import hashlib

import numpy as np
import pytest

from zkfl.zk_circuits.initial_parameters import initial_parameters
from zkfl.zk_circuits.model_choice import LOGISTIC, ConvolutionalChoice, MlpChoice


def test_a_logistic_regression_begins_at_zero() -> None:
    assert initial_parameters(LOGISTIC, 3).tolist() == [0, 0, 0, 0]


def test_an_mlp_begins_where_its_seed_says() -> None:
    numbers = b"".join(number.to_bytes(8, "big") for number in (7, 3, 11))
    stream = hashlib.shake_256(b"zkfl.initial-parameters.v1\0mlp\0" + numbers).digest(88)
    first = int.from_bytes(stream[:8], "big")
    bound = 5792  # floor(4096 * sqrt(6 / 3))
    values = initial_parameters(MlpChoice(hidden=2, seed=7), 3)
    assert values[0] == first * (2 * bound + 1) // 2**64 - bound
    assert values.tolist() == [-3195, 3843, 2920, -2385, -1386, -4225, 0, 0, -2578, -7076, 0]


@pytest.mark.parametrize("seed", [0, 2**64 - 1])
def test_values_fill_their_range_and_biases_are_zero(seed: int) -> None:
    values = initial_parameters(MlpChoice(hidden=200, seed=seed), 30)
    first, biases = values[: 30 * 200], values[30 * 200 : 31 * 200]
    bound = 1831  # floor(4096 * sqrt(6 / 30))
    assert np.abs(first).max() <= bound
    assert np.abs(first).max() > bound - 5
    assert abs(first.mean()) < bound / 40
    assert not biases.any()
    assert values[-1] == 0


def test_another_seed_is_another_beginning() -> None:
    one, other = (initial_parameters(MlpChoice(hidden=2, seed=seed), 3) for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_a_convolution_begins_with_zero_biases() -> None:
    values = initial_parameters(ConvolutionalChoice(side=8, filters=4, seed=1), 64)
    filters, biases, output = values[:36], values[36:40], values[40:-1]
    assert not biases.any()
    assert values[-1] == 0
    assert output.shape == (36,)
    # He: 4096 times the root of 6 over 9 inputs, and over 36
    assert 3000 < np.abs(filters).max() <= 3344
    assert 1500 < np.abs(output).max() <= 1672
