"""Settings that reopen a trap are refused, each with its own error."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.ezkl_calls import library
from zkfl.zk_circuits.instances import get_instance, instance_names
from zkfl.zk_circuits.settings_policy import (
    BlindingError,
    CheckModeError,
    ColumnError,
    FreivaldsError,
    RowsError,
    RunArgumentError,
    ScaleError,
    Settings,
    SettingsError,
    VisibilityError,
    columns_of,
    require_sound,
)

TRAINING = get_instance("tiny").training


def committed(definition: CircuitDefinition) -> Settings:
    assert definition.settings_path is not None
    settings: Settings = json.loads(definition.settings_path.read_text())
    return settings


@pytest.mark.parametrize("name", instance_names())
def test_committed_settings_are_sound(name: str) -> None:
    instance = get_instance(name)
    for definition in (instance.admission, instance.training, instance.benefit):
        require_sound(committed(definition), definition)


def run_args(key: str, value: object) -> Callable[[Settings], None]:
    return lambda settings: settings["run_args"].__setitem__(key, value)


def top(key: str, value: object) -> Callable[[Settings], None]:
    return lambda settings: settings.__setitem__(key, value)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (run_args("disable_freivalds", value=False), FreivaldsError, "wrong product"),
        (top("einsum_params", {"total_einsum_col_size": 9}), FreivaldsError, "is 9"),
        (run_args("input_visibility", "Private"), VisibilityError, "input_visibility is Private"),
        (run_args("output_visibility", "Public"), VisibilityError, "output_visibility is Public"),
        (run_args("param_visibility", "Private"), VisibilityError, "param_visibility is Private"),
        (run_args("check_mode", "UNSAFE"), CheckModeError, "UNSAFE"),
        (top("check_mode", "UNSAFE"), CheckModeError, "UNSAFE"),
        (run_args("logrows", 13), RowsError, "logrows is 13"),
        (top("num_rows", 4089), RowsError, "4089 rows spill"),
        (top("model_input_scales", [10, 26, 10, 10]), ScaleError, "model_input_scales"),
        (top("model_output_scales", [20, 10]), ScaleError, "model_output_scales"),
        (top("module_sizes", {"polycommit": [64, 8, 12, 8, 5]}), ColumnError, "pruned"),
        (top("num_blinding_factors", 6), BlindingError, "6 blinding factors"),
        (run_args("scale_rebase_multiplier", 2), RunArgumentError, "scale_rebase_multiplier"),
        (run_args("lookup_range", [-9, 9]), RunArgumentError, "lookup_range"),
        (run_args("decomp_legs", 2), RunArgumentError, "decomp_legs"),
    ],
)
def test_a_reopened_trap_is_refused(
    change: Callable[[Settings], None], error: type[SettingsError], message: str
) -> None:
    settings = copy.deepcopy(committed(TRAINING))
    change(settings)
    with pytest.raises(error, match=message):
        require_sound(settings, TRAINING)


def test_an_admission_that_rescales_is_refused() -> None:
    definition = get_instance("tiny").admission
    settings = committed(definition)
    settings["run_args"]["scale_rebase_multiplier"] = 1
    with pytest.raises(RunArgumentError, match="scale_rebase_multiplier is 1"):
        require_sound(settings, definition)


class Product(torch.nn.Module):
    """A product with two free axes, the shape that EZKL hands to Freivalds."""

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return torch.matmul(left.reshape(4, 4), right.reshape(4, 4)).reshape(16)


def test_ezkl_uses_freivalds_for_products_unless_told_otherwise(tmp_path: Path) -> None:
    network, output = tmp_path / "product.onnx", tmp_path / "settings.json"
    example = (torch.zeros(16), torch.zeros(16))
    torch.onnx.export(Product(), example, str(network), dynamo=False)
    library.gen_settings(str(network), str(output), py_run_args=library.PyRunArgs())
    with pytest.raises(FreivaldsError, match="total_einsum_col_size"):
        require_sound(json.loads(output.read_text()), TRAINING)


@pytest.mark.parametrize(
    ("length", "columns"), [(1, 1), (1016, 1), (1017, 2), (1018, 2), (2035, 3)]
)
def test_columns_near_the_boundary(length: int, columns: int) -> None:
    assert columns_of(length, 10) == columns
