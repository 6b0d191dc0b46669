"""Inference circuit: what the committed model says of one committed record."""

from pathlib import Path

from zkfl.zk_circuits import evaluation
from zkfl.zk_circuits.circuit import CircuitDefinition, TensorSpec
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.inference.layout import record_length
from zkfl.zk_circuits.inference.module import InferenceCheck, zeros_length
from zkfl.zk_circuits.spec import PUBLIC_LENGTH, CircuitSpec

KIND = "inference"
_INTEGERS = 0
"""Scale of every number, as for metrics: nothing is rescaled that need not be."""
_STATEMENT = (
    "The committed record is within the bounds of admission, and the committed model's logit of "
    "it, rounded down to the circuit's scale, is the stated one; from 0 on, the class is 1."
)
_SETTINGS = Path(__file__).parent / "settings"


def define(spec: CircuitSpec, *, committed: bool = True) -> CircuitDefinition:
    """Describe the circuit for a spec.

    Parameters
    ----------
    spec
        Sizes.
    committed
        Whether the instance has committed settings.

    Raises
    ------
    SpecError
        Scores can grow larger than what any digits hold.
    """
    return CircuitDefinition(
        kind=KIND,
        spec=spec,
        statement=_STATEMENT,
        inputs=(
            TensorSpec("record", record_length(spec), _INTEGERS, "features, blinders"),
            TensorSpec("model", spec.model_length, _INTEGERS, "parameters times 2^39, blinders"),
            TensorSpec("public", PUBLIC_LENGTH, _INTEGERS, "logit, inference context"),
        ),
        outputs=(
            TensorSpec("zeros", zeros_length(spec), _INTEGERS, "0 where the logit is the record's"),
        ),
        # the digits that hold a score there hold its distance to the stated logit here
        run_arguments=evaluation.define(spec).run_arguments,
        module=lambda: InferenceCheck(spec),
        settings_path=settings_path(spec) if committed else None,
    )


def settings_path(spec: CircuitSpec) -> Path:
    """Return where the committed settings of an instance lie."""
    return _SETTINGS / f"{spec.name}.json"


def committed_inference(spec: CircuitSpec) -> CircuitDefinition | None:
    """Return an instance's circuit; None where it has no settings, or its family no logit."""
    if family_of(spec.model).logit_bits is None or not settings_path(spec).is_file():
        return None
    return define(spec)
