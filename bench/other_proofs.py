"""What every proof costs that is not of training: metrics, admission, benefit, inference."""

from collections.abc import Iterator
from itertools import product

from bench.definitions import INFERENCE
from bench.proof_costs import proof_costs
from zkfl.zk_circuits.instances import get_instance, instance_names

QUICK = ("tiny",)
_KINDS = ("evaluation", "admission", "benefit")
_REPEATS = 1
"""CPU seconds of a proof differ less from time to time than circuits do."""


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Measure the circuits of every instance; ``quick`` takes only ``tiny``."""
    for kind, name in circuits():
        if not quick or name in QUICK:
            yield {"model": name, "kind": kind} | proof_costs(name, kind, _REPEATS)


def circuits() -> list[tuple[str, str]]:
    """Return kind and instance of all; not every instance has a circuit of inference."""
    names = instance_names()
    inferring = [name for name in names if get_instance(name).inference is not None]
    return [*product(_KINDS, names), *((INFERENCE, name) for name in inferring)]
