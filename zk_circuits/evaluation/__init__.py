"""Evaluation circuit: how often the committed model is right on a committed test shard."""

import math
from pathlib import Path

from zkfl.zk_circuits.circuit import CircuitDefinition, RunArguments, TensorSpec
from zkfl.zk_circuits.evaluation.module import ZEROS_LENGTH, ConfusionCheck
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.spec import PUBLIC_LENGTH, CircuitSpec, SpecError

KIND = "evaluation"
_INTEGERS = 0
"""Scale of every number: nothing is ever rescaled, so nothing is rounded."""
_BASE, _FEWEST_LEGS, _MOST_LEGS = 2048, 7, 11
"""Digits of a score: ``2^77`` holds those of most specifications; EZKL's integers have 128 bits."""
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
            legs=_legs(spec),
            rebase_multiplier=1,
            lookup_bound=spec.logit_integer,
            integers_unscaled=True,
            scale=_INTEGERS,
        ),
        module=lambda: ConfusionCheck(spec),
        settings_path=_SETTINGS / f"{spec.name}.json" if committed else None,
    )


def _legs(spec: CircuitSpec) -> int:
    """Return how many digits hold ``2 * score + 1`` of every model that training reaches."""
    largest = 2.0 * family_of(spec.model).largest_score(spec) + 1.0
    for legs in range(_FEWEST_LEGS, _MOST_LEGS + 1):
        if float(_BASE) ** legs > largest:
            return legs
    raise SpecError(
        f"a score of {spec.name} reaches 2^{math.ceil(math.log2(largest))}, which {_MOST_LEGS} "
        f"digits of {_BASE} cannot hold: lower norm_bound or scale_bits, or take a smaller model"
    )
