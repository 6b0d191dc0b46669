"""Refuse EZKL settings under which a proof would not mean what its manifest says.

Each rule closes one trap; `docs/explanation/` tells what reopening it would allow.
"""

from typing import Any

from zkfl.errors import ZkflError
from zkfl.zk_circuits.circuit import CircuitDefinition, TensorSpec
from zkfl.zk_circuits.spec import UNUSABLE_ROWS

Settings = dict[str, Any]

_COMMITTED = ("KZGCommit", "Polycommit")
"""Names that EZKL gives the visibility ``polycommit``."""


class SettingsError(ZkflError):
    """Settings do not build the circuit that the definition describes."""


class FreivaldsError(SettingsError):
    """Products would be checked by Freivalds' algorithm, whose output EZKL does not bind."""


class VisibilityError(SettingsError):
    """An input or output would not open the proof as a commitment, or a constant is free."""


class CheckModeError(SettingsError):
    """The prover would skip its own assertions."""


class RowsError(SettingsError):
    """The circuit has another number of rows than its consortium."""


class ScaleError(SettingsError):
    """A tensor has another scale than the manifest says."""


class ColumnError(SettingsError):
    """A tensor would take more than one column, and so more than one point."""


class BlindingError(SettingsError):
    """The number of unusable rows differs, and with it every commitment."""


class RunArgumentError(SettingsError):
    """A setting that shapes the constraints differs from the definition."""


def require_sound(settings: Settings, definition: CircuitDefinition) -> None:
    """Check settings against a definition.

    Parameters
    ----------
    settings
        Parsed ``settings.json``.
    definition
        The circuit they should build.

    Raises
    ------
    SettingsError
        One of its subclasses, for the first rule that is broken.
    """
    _require_base_products(settings)
    _require_visibility(settings)
    _require_check_mode(settings)
    _require_rows(settings, definition)
    _require_scales(settings, definition)
    _require_lengths(settings, definition)
    _require_blinding(settings)
    _require_run_arguments(settings, definition)


def columns_of(length: int, logrows: int) -> int:
    """Return how many columns, and points, EZKL 23.0.5 gives a committed tensor."""
    rows = (1 << logrows) - UNUSABLE_ROWS
    return (length + length // rows + 1) // rows + 1


def _require_base_products(settings: Settings) -> None:
    size = settings["einsum_params"]["total_einsum_col_size"]
    if size != 0 or settings["run_args"]["disable_freivalds"] is not True:
        raise FreivaldsError(
            f"total_einsum_col_size is {size}: with Freivalds a proof of a wrong product "
            "verifies; generate the settings with disable_freivalds"
        )


def _require_visibility(settings: Settings) -> None:
    arguments = settings["run_args"]
    for side in ("input_visibility", "output_visibility"):
        if arguments[side] not in _COMMITTED:
            raise VisibilityError(
                f"{side} is {arguments[side]}, not polycommit: the contract could not link it"
            )
    if arguments["param_visibility"] != "Fixed":
        raise VisibilityError(
            f"param_visibility is {arguments['param_visibility']}, not fixed: the prover could "
            "choose the learning rate and the bounds"
        )


def _require_check_mode(settings: Settings) -> None:
    modes = (settings["check_mode"], settings["run_args"]["check_mode"])
    if modes != ("SAFE", "SAFE"):
        raise CheckModeError(f"check modes are {modes}, not SAFE: wrong witnesses go unnoticed")


def _require_rows(settings: Settings, definition: CircuitDefinition) -> None:
    logrows = settings["run_args"]["logrows"]
    if logrows != definition.spec.logrows:
        raise RowsError(
            f"logrows is {logrows}, the consortium's is {definition.spec.logrows}: commitments "
            "of different sizes never match"
        )
    if settings["num_rows"] > definition.spec.reservable_rows:
        raise RowsError(
            f"{settings['num_rows']} rows spill into further columns at logrows {logrows}: the "
            "verifier may become too large to deploy"
        )


def _require_scales(settings: Settings, definition: CircuitDefinition) -> None:
    sides = (
        ("model_input_scales", definition.inputs),
        ("model_output_scales", definition.outputs),
    )
    for key, tensors in sides:
        expected = [tensor.scale for tensor in tensors]
        if settings[key] != expected:
            raise ScaleError(
                f"{key} is {settings[key]}, expected {expected}: an operator changed a scale, "
                "so numbers would mean something else than the manifest says"
            )


def _require_lengths(settings: Settings, definition: CircuitDefinition) -> None:
    tensors: tuple[TensorSpec, ...] = definition.inputs + definition.outputs
    lengths = [tensor.length for tensor in tensors]
    if settings["module_sizes"]["polycommit"] != lengths:
        raise ColumnError(
            f"committed lengths are {settings['module_sizes']['polycommit']}, expected {lengths}: "
            "an input was pruned from the graph, or the order differs"
        )
    for tensor in tensors:
        columns = columns_of(tensor.length, definition.spec.logrows)
        if columns != 1:
            raise ColumnError(
                f"{tensor.name} with {tensor.length} entries takes {columns} columns at logrows "
                f"{definition.spec.logrows}: shorten its blinders or raise logrows"
            )


def _require_blinding(settings: Settings) -> None:
    factors = settings["num_blinding_factors"]
    if factors is not None and factors + 1 != UNUSABLE_ROWS:
        raise BlindingError(
            f"{factors} blinding factors make {factors + 1} unusable rows, not {UNUSABLE_ROWS}: "
            "this circuit's commitments would differ from the consortium's"
        )


def _require_run_arguments(settings: Settings, definition: CircuitDefinition) -> None:
    arguments, wanted = settings["run_args"], definition.run_arguments
    expected = {
        "input_scale": definition.input_scale,
        "param_scale": definition.input_scale,
        "scale_rebase_multiplier": wanted.rebase_multiplier,
        "lookup_range": [-wanted.lookup_bound, wanted.lookup_bound],
        "num_inner_cols": wanted.columns,
        "decomp_base": wanted.base,
        "decomp_legs": wanted.legs,
        "ignore_range_check_inputs_outputs": True,
        "rebase_frac_zero_constants": wanted.integers_unscaled,
    }
    for key, value in expected.items():
        if arguments[key] != value:
            raise RunArgumentError(
                f"{key} is {arguments[key]}, the definition says {value}: regenerate the settings"
            )
