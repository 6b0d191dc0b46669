"""EZKL binds the sign of zero in a Sign, and leaves it free in an absolute value: rows show it.

A ReLU's derivative at zero is the prover's choice where it is free. EZKL binds it by six cells
a value: four products and differences, ``1 - u * inverse(u)`` and what it is multiplied with,
and two comparisons with zero.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from zkfl.zk_circuits.ezkl_calls import library

BINDING_ZERO = 6
PRODUCT = 1
FEW, MANY = 8, 24


class Applied(torch.nn.Module):
    def __init__(self, operator: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.operator = operator

    def forward(self, values: Tensor) -> Tensor:
        return self.operator(values)


def rows(operator: Callable[[Tensor], Tensor], length: int, legs: int, folder: Path) -> int:
    network, settings = folder / "network.onnx", folder / "settings.json"
    example = (torch.linspace(-1, 1, length),)
    torch.onnx.export(Applied(operator), example, str(network), opset_version=17, dynamo=False)
    arguments = library.PyRunArgs()
    arguments.input_visibility = arguments.output_visibility = "polycommit"
    arguments.num_inner_cols, arguments.logrows = 1, 12
    arguments.decomp_base, arguments.decomp_legs = 600, legs
    arguments.ignore_range_check_inputs_outputs = True
    library.gen_settings(str(network), str(settings), py_run_args=arguments)
    found: int = json.loads(settings.read_text())["num_rows"]
    return found


@pytest.mark.parametrize("legs", [2, 3])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_sign_is_bound_at_zero(legs: int, tmp_path: Path) -> None:
    """Per value, a sign has the cells of an absolute value, less its product, and six more."""

    def cells(operator: Callable[[Tensor], Tensor]) -> float:
        many, few = (rows(operator, length, legs, tmp_path) for length in (MANY, FEW))
        return (many - few) / (MANY - FEW)

    assert cells(torch.sign) == cells(torch.abs) - PRODUCT + BINDING_ZERO
