"""zkfl's circuits against those that a first attempt gives, in the same run."""

from collections.abc import Iterator

from bench.circuits import REPEATS, measure_circuit
from bench.definitions import FIRST_ATTEMPT, KINDS

_OURS = "wdbc"
_RATIOS = (
    "cells",
    "setup_s",
    "prove_s",
    "prove_MB",
    "pk_MB",
    "proof_B",
    "deploy_gas",
    "verify_gas",
)


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Measure both on 64 x 30, then give the ratios; ``quick`` takes only training, once."""
    repeats = 1 if quick else REPEATS
    for kind in KINDS[1:] if quick else KINDS:
        ours = measure_circuit(_OURS, kind, repeats)
        first = measure_circuit(FIRST_ATTEMPT, kind, repeats)
        ratios = {name: _ratio(first[name], ours[name]) for name in _RATIOS}
        blank = dict.fromkeys(ours, "")
        yield from (ours, first, {**blank, "circuit": "first attempt / ours", **ratios})


def _ratio(first: object, ours: object) -> float:
    return round(float(str(first)) / float(str(ours)), 2)
