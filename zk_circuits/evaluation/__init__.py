"""Evaluation circuit: how often the committed model is right on a committed test shard."""

from pathlib import Path

from zkfl.zk_circuits.circuit import CircuitDefinition, RunArguments, TensorSpec
from zkfl.zk_circuits.evaluation.module import ZEROS_LENGTH, ConfusionCheck
from zkfl.zk_circuits.spec import PUBLIC_LENGTH, CircuitSpec

KIND = "evaluation"
_INTEGERS = 0
"""Scale of every number: nothing is ever rescaled, so nothing is rounded."""
_BASE, _LEGS = 2048, 7
"""Digits hold ``2^77``, twice a score with parameters of 128; beyond, there is no proof."""
_STATEMENT = (
    "On the used slots of the committed shard, the committed model is right and wrong as often as "
    "the stated confusion counts say."
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
            TensorSpec(
                "data", spec.data_length, _INTEGERS, "rows of features and mask, labels, blinders"
            ),
            TensorSpec("model", spec.model_length, _INTEGERS, "parameters times 2^39, blinders"),
            TensorSpec("public", PUBLIC_LENGTH, _INTEGERS, "packed counts, evaluation context"),
        ),
        outputs=(
            TensorSpec("zeros", ZEROS_LENGTH, _INTEGERS, "0 where the counts are the shard's"),
        ),
        run_arguments=RunArguments(
            columns=1,
            base=_BASE,
            legs=_LEGS,
            rebase_multiplier=1,
            lookup_bound=spec.logit_integer,
            integers_unscaled=True,
            scale=_INTEGERS,
        ),
        module=lambda: ConfusionCheck(spec),
        settings_path=_SETTINGS / f"{spec.name}.json" if committed else None,
    )
