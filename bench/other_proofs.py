"""What every proof costs that is not of training: of metrics, of admission, of benefit."""

from collections.abc import Iterator
from itertools import product

from bench.proof_costs import proof_costs
from zkfl.zk_circuits.instances import instance_names

QUICK = ("tiny",)
_KINDS = ("evaluation", "admission", "benefit")
_REPEATS = 1
"""CPU seconds of a proof differ less from time to time than circuits do."""


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Measure the three circuits of every instance; ``quick`` takes only ``tiny``."""
    for kind, name in product(_KINDS, QUICK if quick else instance_names()):
        yield {"model": name, "kind": kind} | proof_costs(name, kind, _REPEATS)
