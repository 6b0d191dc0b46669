"""Fixed-point arithmetic, against exact fractions and against EZKL's own table."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from zkfl.field import to_field
from zkfl.fixed_point import FixedPointError, dequantise, dyadic, quantise, rescale, sigmoid
from zkfl.zk_circuits.circuit import CircuitDefinition, RunArguments, TensorSpec
from zkfl.zk_circuits.instances import WDBC

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Run

TABLE = WDBC.logit_integer


@given(st.integers(-(2**61), 2**61), st.integers(0, 40))
def test_rescale_rounds_halves_away_from_zero(value: int, bits: int) -> None:
    quotient = Fraction(abs(value), 2**bits) + Fraction(1, 2)
    expected = (quotient.numerator // quotient.denominator) * (1 if value >= 0 else -1)
    assert int(rescale(np.array([value]), bits)[0]) == expected


@given(st.floats(-1e6, 1e6))
def test_quantise_is_within_half_a_unit(value: float) -> None:
    integer = quantise([value], 10)
    assert abs(float(dequantise(integer, 10)[0]) - value) <= 2**-11


def test_quantise_rounds_halves_away_from_zero() -> None:
    assert quantise([0.5, -0.5, 1.5, -2.5], 0).tolist() == [1, -1, 2, -3]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_quantise_refuses_what_has_no_integer(value: float) -> None:
    with pytest.raises(FixedPointError, match="not finite or does not fit"):
        quantise([value], 10)


def test_rescale_refuses_what_could_overflow() -> None:
    with pytest.raises(FixedPointError, match=r"reaches 2\^62"):
        rescale(np.array([2**62]), 4)
    with pytest.raises(FixedPointError, match="cannot drop -1 bits"):
        rescale(np.array([1]), -1)


@given(st.floats(1e-6, 1, exclude_max=True))
def test_dyadic_is_close_and_normal(value: float) -> None:
    constant = dyadic(value, 10)
    assert 512 <= constant.mantissa < 1024
    assert abs(constant.value - value) <= value * 2**-10


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, 2.0])
def test_dyadic_refuses_what_is_no_fraction(value: float) -> None:
    with pytest.raises(FixedPointError, match=r"is not in \(0, 1\)"):
        dyadic(value, 10)


class Sigmoid(torch.nn.Module):
    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(logits)


def test_sigmoid_equals_every_entry_of_ezkls_table(
    runner: "Callable[..., Run]", tmp_path: Path
) -> None:
    length = 2 * TABLE + 1
    definition = CircuitDefinition(
        kind="sigmoid",
        spec=WDBC,
        statement="the sigmoid of each entry",
        inputs=(TensorSpec("logits", length, 10, "every entry of the table"),),
        outputs=(TensorSpec("zeros", length, 10, "their sigmoids"),),
        run_arguments=RunArguments(2, 1024, 2, 1, TABLE),
        module=Sigmoid,
        settings_path=None,
    )
    logits = np.arange(-TABLE, TABLE + 1)
    outputs = runner(definition, tmp_path)({"logits": [to_field(int(v)) for v in logits]})
    assert outputs["zeros"] == sigmoid(logits, 10).tolist()
