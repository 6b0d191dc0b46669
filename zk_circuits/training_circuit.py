"""The training circuit of any family of models."""

from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import (
    training_inputs,
    training_outputs,
    training_run_arguments,
)

_RATED = " The learning rate is multiplied by the round's public rate."


def define(spec: CircuitSpec, *, committed: bool = True) -> CircuitDefinition:
    """Describe the circuit for a spec.

    Parameters
    ----------
    spec
        Sizes and constants, and the choice of model.
    committed
        Whether the instance has committed settings.
    """
    family = family_of(spec.model)
    return CircuitDefinition(
        kind=family.kind,
        spec=spec,
        statement=family.statement + (_RATED if spec.rate_bits else ""),
        inputs=training_inputs(spec),
        outputs=training_outputs(spec),
        run_arguments=training_run_arguments(spec),
        module=lambda: family.training_step(spec),
        settings_path=family.settings / f"{spec.name}.json" if committed else None,
    )
