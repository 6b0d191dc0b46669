"""Generate EZKL settings, so that they can be committed once an instance.

EZKL orders range checks differently at every run, and the order is part of the verifying
key: from one committed file, keys are the same everywhere.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.ezkl_calls import library
from zkfl.zk_circuits.settings_policy import Settings, require_sound

_NEVER_PART_OF_A_KEY = "timestamp"


def generate_settings(definition: CircuitDefinition, onnx: bytes) -> bytes:
    """Generate, check and serialise settings.

    Raises
    ------
    SettingsError
        EZKL chose something that the definition forbids.
    """
    with tempfile.TemporaryDirectory() as folder:
        network, output = Path(folder) / "network.onnx", Path(folder) / "settings.json"
        network.write_bytes(onnx)
        library.gen_settings(str(network), str(output), py_run_args=_run_args(definition))
        settings: Settings = json.loads(output.read_text())
    _pin_rows(settings, definition)
    require_sound(settings, definition)
    return (json.dumps(settings, indent=1, sort_keys=True) + "\n").encode()


def _run_args(definition: CircuitDefinition) -> Any:  # noqa: ANN401 - untyped library
    wanted, spec = definition.run_arguments, definition.spec
    arguments = library.PyRunArgs()
    arguments.input_visibility = arguments.output_visibility = "polycommit"
    arguments.param_visibility = "fixed"
    arguments.input_scale = arguments.param_scale = definition.input_scale
    arguments.scale_rebase_multiplier = wanted.rebase_multiplier
    arguments.lookup_range = (-wanted.lookup_bound, wanted.lookup_bound)
    arguments.logrows = spec.logrows
    arguments.num_inner_cols = wanted.columns
    arguments.decomp_base = wanted.base
    arguments.decomp_legs = wanted.legs
    arguments.rebase_frac_zero_constants = wanted.integers_unscaled
    arguments.check_mode = "safe"
    arguments.disable_freivalds = True
    arguments.ignore_range_check_inputs_outputs = True
    return arguments


def _pin_rows(settings: Settings, definition: CircuitDefinition) -> None:
    """Reserve one block of columns, and pin logrows.

    EZKL's dry run counts a copy of the whole input vector for each slice of it; its real
    layout makes none. A circuit that does need more rows than one block fails at setup.
    """
    rows = min(settings["num_rows"], definition.spec.reservable_rows)
    settings["num_rows"] = rows
    settings["total_assignments"] = rows * definition.run_arguments.columns
    settings["run_args"]["logrows"] = definition.spec.logrows
    settings[_NEVER_PART_OF_A_KEY] = 0
