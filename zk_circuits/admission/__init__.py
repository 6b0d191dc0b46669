"""Admission circuit: a shard's records have the agreed form."""

from pathlib import Path

from zkfl.zk_circuits.admission.module import AdmissionCheck, zeros_length
from zkfl.zk_circuits.circuit import CircuitDefinition, RunArguments, TensorSpec
from zkfl.zk_circuits.spec import PUBLIC_LENGTH, CircuitSpec

KIND = "admission"
REBASE_MULTIPLIER = 8
"""High enough that EZKL rescales nothing: every check is exact in the field."""
_STATEMENT = (
    "The committed shard holds the stated number of used slots, features within the bound, "
    "records within the norm, labels and mask in {0, 1} and nothing in unused slots."
)
_STATEMENT_OF_CLASSES = (
    "The committed shard holds the stated number of used slots, features within the bound, "
    "records within the norm, labels and mask in {0, 1}, one class a used slot and nothing in "
    "unused slots."
)
_SETTINGS = Path(__file__).parent / "settings"


def define(spec: CircuitSpec, *, committed: bool = True) -> CircuitDefinition:
    """Describe the circuit for a spec.

    Parameters
    ----------
    spec
        Sizes and bounds.
    committed
        Whether the instance has committed settings.
    """
    s = spec.scale_bits
    return CircuitDefinition(
        kind=KIND,
        spec=spec,
        statement=_STATEMENT if spec.label_columns == 1 else _STATEMENT_OF_CLASSES,
        inputs=(
            TensorSpec("data", spec.data_length, s, "rows of features and mask, labels, blinders"),
            TensorSpec("public", PUBLIC_LENGTH, s, "used slots, admission context"),
        ),
        outputs=(
            TensorSpec("zeros", zeros_length(spec), 3 * s, "0 where every rule of form holds"),
        ),
        run_arguments=RunArguments(
            columns=spec.admission_columns,
            base=spec.admission_base,
            legs=spec.admission_legs,
            rebase_multiplier=REBASE_MULTIPLIER,
            lookup_bound=spec.feature_table,
        ),
        module=lambda: AdmissionCheck(spec),
        settings_path=_SETTINGS / f"{spec.name}.json" if committed else None,
    )
