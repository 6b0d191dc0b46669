"""Benefit circuit: how far a member's step points where everybody else's updates do."""

from pathlib import Path

from zkfl.zk_circuits.benefit.module import ZEROS_LENGTH, BenefitBound
from zkfl.zk_circuits.circuit import CircuitDefinition, RunArguments, TensorSpec
from zkfl.zk_circuits.spec import BOUND_LENGTH, PUBLIC_LENGTH, CircuitSpec

KIND = "benefit"
_INTEGERS = 0
"""Scale of every number: nothing but a division is ever rescaled."""
_BASE, _LEGS = 2048, 10
"""Digits hold ``2^110``: squared norms of ``2^51`` multiplied, times the square of a level."""
_STATEMENT = (
    "Without its noise, which the committed bound limits, the committed update has a cosine of "
    "at least the stated number of sixteenths with the committed rest of the round's sum."
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
    """
    return CircuitDefinition(
        kind=KIND,
        spec=spec,
        statement=_STATEMENT,
        inputs=(
            TensorSpec("update", spec.model_length, _INTEGERS, "the member's update, blinders"),
            TensorSpec("rest", spec.model_length, _INTEGERS, "the others' weighted sum, blinders"),
            TensorSpec("bound", BOUND_LENGTH, _INTEGERS, "noise bound times 2^23"),
            TensorSpec("public", PUBLIC_LENGTH, _INTEGERS, "level, benefit context"),
        ),
        outputs=(
            TensorSpec("zeros", ZEROS_LENGTH, _INTEGERS, "0 where the cosine reaches the level"),
        ),
        run_arguments=RunArguments(
            columns=spec.benefit_columns,
            base=_BASE,
            legs=_LEGS,
            rebase_multiplier=1,
            lookup_bound=spec.logit_integer,
            integers_unscaled=True,
            scale=_INTEGERS,
        ),
        module=lambda: BenefitBound(spec),
        settings_path=_SETTINGS / f"{spec.name}.json" if committed else None,
    )
