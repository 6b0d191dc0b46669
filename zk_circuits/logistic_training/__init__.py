"""Training circuit of a logistic regression with an L2 term."""

from pathlib import Path

from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.logistic_training.module import LogisticStep
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import (
    training_inputs,
    training_outputs,
    training_run_arguments,
)

KIND = "logistic-training"
_STATEMENT = (
    "The update is the noised gradient step of an L2-regularised logistic regression on the "
    "committed shard and the committed model, within the clip and noise bounds."
)
_SETTINGS = Path(__file__).parent / "settings"


def define(spec: CircuitSpec, *, committed: bool = True) -> CircuitDefinition:
    """Describe the circuit for a spec.

    Parameters
    ----------
    spec
        Sizes and constants.
    committed
        Whether the instance has committed settings.
    """
    return CircuitDefinition(
        kind=KIND,
        spec=spec,
        statement=_STATEMENT,
        inputs=training_inputs(spec),
        outputs=training_outputs(spec),
        run_arguments=training_run_arguments(spec),
        module=lambda: LogisticStep(spec),
        settings_path=_SETTINGS / f"{spec.name}.json" if committed else None,
    )
